namespace CS3103P2P.NatLab;

/// <summary>Which external port an endpoint-independent mapping gets.</summary>
public enum PortAllocation
{
    /// <summary>Any port from 16384 on.</summary>
    Random,

    /// <summary>The internal port while it is free, else a random one.</summary>
    Preserve,
}
