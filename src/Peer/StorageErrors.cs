namespace CS3103P2P.Peer;

/// <summary>Turns failures of the disk into the product's exception.</summary>
internal static class StorageErrors
{
    public static P2PException ToP2P(StorageException e) => new(ReasonOf(e.Reason), e.Message, e);

    private static P2PErrorReason ReasonOf(StorageErrorReason reason) => reason switch
    {
        StorageErrorReason.DiskFull => P2PErrorReason.DiskFull,
        StorageErrorReason.PermissionDenied => P2PErrorReason.PermissionDenied,
        StorageErrorReason.NotFound => P2PErrorReason.NotFound,
        StorageErrorReason.TargetExists or StorageErrorReason.OtherPartialExists => P2PErrorReason.TargetExists,
        StorageErrorReason.InvalidPath => P2PErrorReason.InvalidName,
        _ => P2PErrorReason.StorageFailed,
    };
}
