namespace CS3103P2P.Transport;

/// <summary>Settings of uTP. All limits hold for one transport.</summary>
public sealed class UtpOptions
{
    /// <summary>How connections share a path. Default: <see cref="UtpCongestion.Throughput"/>, since somebody waits for the file.</summary>
    public UtpCongestion Congestion { get; set; } = UtpCongestion.Throughput;

    /// <summary>Queuing delay that LEDBAT aims at. Default 60 ms, as in LEDBAT++ (RFC 6817 §2.5 allows up to 100 ms); more than 0, at most 1 s.</summary>
    public TimeSpan TargetDelay { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>Largest receive window of a connection, in bytes. Default 4 MiB; 64 KiB to 64 MiB. Memory is used only while data waits.</summary>
    public int ReceiveWindowBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Most bytes written and not yet acknowledged on a connection. Default 4 MiB; 64 KiB to 64 MiB.</summary>
    public int SendBufferBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Largest datagram, in bytes of UDP payload, that the path-MTU search tries. Default 1,452 (Ethernet, IPv6); 1,200 to 65,000.</summary>
    public int MaxDatagramBytes { get; set; } = 1_452;

    /// <summary>The same between programs on one machine. Default 1,452; 1,200 to 65,000.</summary>
    public int MaxLoopbackDatagramBytes { get; set; } = 1_452;

    /// <summary>Most connections. Default 4,096; 1 to 65,536. Beyond it, SYNs are ignored and connects fail.</summary>
    public int MaxConnections { get; set; } = 4_096;

    /// <summary>Most connections that wait to be accepted, handshakes included. Default 128; 1 to 65,536. Beyond it, SYNs are ignored.</summary>
    public int AcceptBacklog { get; set; } = 128;

    /// <summary>How long a handshake may take. Default 15 s; more than 0.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a peer may be silent before the connection counts as dead. Default 60 s; more than 0.</summary>
    public TimeSpan PeerTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>After how much silence a sign of life is sent, which keeps NAT mappings open. Default 29 s; more than 0.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(29);

    /// <summary>How long a closed connection still delivers what was written. Default 10 s; more than 0.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gives peers lasting addresses, whichever way their datagrams go; null (the default) when addresses are what they are.</summary>
    public IDatagramPaths? Paths { get; set; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        const int MinBuffer = 64 * 1024;
        const int MaxBuffer = 64 * 1024 * 1024;
        const int MinDatagram = 1_200;
        const int MaxDatagram = 65_000;
        const int MaxTable = 65_536;
        CheckRange(ReceiveWindowBytes, MinBuffer, MaxBuffer, nameof(ReceiveWindowBytes));
        CheckRange(SendBufferBytes, MinBuffer, MaxBuffer, nameof(SendBufferBytes));
        CheckRange(MaxDatagramBytes, MinDatagram, MaxDatagram, nameof(MaxDatagramBytes));
        CheckRange(MaxLoopbackDatagramBytes, MinDatagram, MaxDatagram, nameof(MaxLoopbackDatagramBytes));
        CheckRange(MaxConnections, 1, MaxTable, nameof(MaxConnections));
        CheckRange(AcceptBacklog, 1, MaxTable, nameof(AcceptBacklog));
        CheckPositive(ConnectTimeout, nameof(ConnectTimeout));
        CheckPositive(PeerTimeout, nameof(PeerTimeout));
        CheckPositive(KeepAlive, nameof(KeepAlive));
        CheckPositive(Linger, nameof(Linger));
        CheckPositive(TargetDelay, nameof(TargetDelay));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TargetDelay, TimeSpan.FromSeconds(1), nameof(TargetDelay));
        if (!Enum.IsDefined(Congestion)) throw new ArgumentOutOfRangeException(nameof(Congestion));
    }

    private static void CheckRange(int value, int min, int max, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
    }

    private static void CheckPositive(TimeSpan value, string name) =>
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
}
