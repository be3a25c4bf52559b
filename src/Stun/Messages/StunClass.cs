namespace CS3103P2P.Stun;

/// <summary>The four classes of STUN message (RFC 8489 §5).</summary>
public enum StunClass
{
    /// <summary>Asks for a response.</summary>
    Request = 0,

    /// <summary>Asks for nothing.</summary>
    Indication = 1,

    /// <summary>Answers a request that succeeded.</summary>
    SuccessResponse = 2,

    /// <summary>Answers a request that failed; carries ERROR-CODE.</summary>
    ErrorResponse = 3,
}
