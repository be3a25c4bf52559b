namespace CS3103P2P.Peer;

/// <summary>What must be fetched before a chunk can be verified.</summary>
internal enum VerificationNeed
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The manifest of the directory.</summary>
    Manifest,

    /// <summary>The list of group roots of a file.</summary>
    GroupRoots,

    /// <summary>The chunk hashes of one group.</summary>
    HashGroup,
}
