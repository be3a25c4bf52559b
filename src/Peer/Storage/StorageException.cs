namespace CS3103P2P.Peer;

/// <summary>The disk did not do what was asked. The facade turns it into the product's exception.</summary>
internal sealed class StorageException(StorageErrorReason reason, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why, for a program to switch on.</summary>
    public StorageErrorReason Reason { get; } = reason;
}
