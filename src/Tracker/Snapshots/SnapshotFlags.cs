namespace CS3103P2P.Tracker.Snapshots;

/// <summary>What of a registrant follows in a snapshot, and in which form.</summary>
[Flags]
internal enum SnapshotFlags : byte
{
    /// <summary>A cookie proved the source.</summary>
    Proven = 1,

    /// <summary>It has a peer id.</summary>
    HasPeer = 2,

    /// <summary>The source is IPv4.</summary>
    SourceIsIPv4 = 4,

    /// <summary>It named an address without proof.</summary>
    HasNamed = 8,

    /// <summary>It is listed at another address than its source.</summary>
    HasListed = 16,

    /// <summary>It gave further addresses.</summary>
    HasCandidates = 32,

    /// <summary>The named address is IPv4.</summary>
    NamedIsIPv4 = 64,

    /// <summary>The listed address is IPv4.</summary>
    ListedIsIPv4 = 128,
}
