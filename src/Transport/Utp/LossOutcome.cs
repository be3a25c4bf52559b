namespace CS3103P2P.Transport.Utp;

/// <summary>What one look for losses in a <see cref="SendWindow"/> found.</summary>
internal struct LossOutcome
{
    /// <summary>Payload of lost packets that were no path-MTU probes; at least one for each.</summary>
    public int LostBytes;

    /// <summary>Transmission order of the newest packet lost; 0 when none was.</summary>
    public long LargestLost;

    /// <summary>A path-MTU probe that was lost; 0 for none.</summary>
    public int LostProbe;

    /// <summary>When a packet that may only be late will count as lost.</summary>
    public MonotonicTime CheckAt;
}
