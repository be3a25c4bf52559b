namespace CS3103P2P.Stun;

/// <summary>Numbers that ERROR-CODE carries (RFC 8489 §14.8, RFC 8656 §19, RFC 8445 §16.2).</summary>
public static class StunErrorCodes
{
    /// <summary>Ask the server that ALTERNATE-SERVER names.</summary>
    public const int TryAlternate = 300;

    /// <summary>The request was malformed.</summary>
    public const int BadRequest = 400;

    /// <summary>The request needs credentials, or had wrong ones.</summary>
    public const int Unauthenticated = 401;

    /// <summary>TURN: the relay does not serve this peer or this user.</summary>
    public const int Forbidden = 403;

    /// <summary>A comprehension-required attribute is unknown.</summary>
    public const int UnknownAttribute = 420;

    /// <summary>TURN: no allocation exists for this 5-tuple, or one does already.</summary>
    public const int AllocationMismatch = 437;

    /// <summary>The nonce is too old; ask again with the one enclosed.</summary>
    public const int StaleNonce = 438;

    /// <summary>TURN: the relay has no address of the wanted family.</summary>
    public const int AddressFamilyNotSupported = 440;

    /// <summary>TURN: the allocation belongs to another user.</summary>
    public const int WrongCredentials = 441;

    /// <summary>TURN: the wanted transport is not relayed.</summary>
    public const int UnsupportedTransportProtocol = 442;

    /// <summary>TURN: the peer's address has another family than the allocation.</summary>
    public const int PeerAddressFamilyMismatch = 443;

    /// <summary>TURN: this user has as many allocations as allowed.</summary>
    public const int AllocationQuotaReached = 486;

    /// <summary>ICE: both agents have the same role.</summary>
    public const int RoleConflict = 487;

    /// <summary>The server failed.</summary>
    public const int ServerError = 500;

    /// <summary>TURN: the relay has no port or memory left.</summary>
    public const int InsufficientCapacity = 508;
}
