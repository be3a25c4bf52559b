namespace CS3103P2P.Peer;

/// <summary>How a file is opened.</summary>
internal enum DiskAccess
{
    /// <summary>To read; others may read, write, rename and delete.</summary>
    Read,

    /// <summary>To read and write, created when missing; others may read.</summary>
    Write,

    /// <summary>To read and write, created when missing; no other process may have it open (<see cref="StorageErrorReason.InUse"/>).</summary>
    Exclusive,
}
