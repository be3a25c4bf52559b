namespace CS3103P2P.Transport;

/// <summary>How uTP shares a path with other traffic.</summary>
public enum UtpCongestion
{
    /// <summary>Paces at the measured rate of the bottleneck: keeps its speed under random loss and takes a fair share.</summary>
    Throughput = 0,

    /// <summary>LEDBAT (RFC 6817): yields to all other traffic; random loss slows it down. For transfers in the background.</summary>
    Ledbat,
}
