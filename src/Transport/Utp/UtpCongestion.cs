namespace CS3103P2P.Transport;

/// <summary>How uTP shares a path with other traffic.</summary>
public enum UtpCongestion
{
    /// <summary>LEDBAT (RFC 6817): yields to all other traffic; suffers from random loss.</summary>
    Ledbat = 0,

    /// <summary>Paces at the measured bottleneck rate: keeps its speed under random loss and takes a fair share.</summary>
    Throughput,
}
