namespace CS3103P2P.Tracker.Snapshots;

/// <summary>Why a snapshot cannot be used.</summary>
internal enum SnapshotError
{
    /// <summary>It can.</summary>
    None,

    /// <summary>It is no snapshot of a tracker.</summary>
    Foreign,

    /// <summary>Another version of the tracker wrote it.</summary>
    OtherVersion,

    /// <summary>It ends too early.</summary>
    Truncated,

    /// <summary>It is not what was written.</summary>
    BadChecksum,

    /// <summary>Its checksums are right, and still it makes no sense.</summary>
    Malformed,
}
