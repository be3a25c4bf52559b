namespace CS3103P2P.Stun;

/// <summary>How a long-term password becomes a key (RFC 8489 §18.5).</summary>
public enum StunPasswordAlgorithm
{
    /// <summary>Reserved.</summary>
    None = 0,

    /// <summary>MD5 of username, realm and password.</summary>
    Md5 = 1,

    /// <summary>SHA-256 of the same.</summary>
    Sha256 = 2,
}
