namespace CS3103P2P.Protocol;

/// <summary>What a <see cref="MetadataMessage"/> carries.</summary>
public enum MetadataKind
{
    /// <summary>Nothing: never sent.</summary>
    None = 0,

    /// <summary>The manifest of a directory.</summary>
    Manifest = 1,

    /// <summary>The roots of all hash groups of one file, 32 bytes each.</summary>
    GroupRoots = 2,

    /// <summary>The chunk hashes of one hash group of one file, 32 bytes each.</summary>
    HashGroup = 3,
}
