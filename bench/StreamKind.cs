namespace CS3103P2P.Bench;

/// <summary>What carries the bytes of a stream between two children.</summary>
internal enum StreamKind
{
    /// <summary>The kernel's TCP with its default congestion control.</summary>
    Tcp,

    TcpCubic,
    TcpBbr,
    TcpReno,

    /// <summary>uTP that fills the line.</summary>
    Utp,

    UtpPortable,
    UtpTls,
    UtpLedbat,
}
