namespace CS3103P2P.Peer;

/// <summary>Why the disk did not do what was asked.</summary>
internal enum StorageErrorReason
{
    /// <summary>Any other failure of the disk.</summary>
    IoError,

    /// <summary>There is not enough free space.</summary>
    DiskFull,

    /// <summary>The user may not read or write there.</summary>
    PermissionDenied,

    /// <summary>The file or folder, or the one that should contain it, does not exist.</summary>
    NotFound,

    /// <summary>The target exists with other content.</summary>
    TargetExists,

    /// <summary>Another process downloads to the same target.</summary>
    InUse,

    /// <summary>A partial download of something else lies beside the target.</summary>
    OtherPartialExists,

    /// <summary>A path is not one that can be shared, or not one that this system can have.</summary>
    InvalidPath,

    /// <summary>A file was changed while it was read.</summary>
    SourceChanged,
}
