namespace CS3103P2P.Protocol;

/// <summary>What a share is.</summary>
public enum ShareKind
{
    /// <summary>One file; the root is that of its Merkle tree.</summary>
    File,

    /// <summary>A folder with everything below it; the root is the SHA-256 of its manifest.</summary>
    Directory,
}
