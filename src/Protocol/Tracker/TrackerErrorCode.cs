namespace CS3103P2P.Protocol;

/// <summary>The number after <c>ERROR</c>. The hundreds say whose turn it is: 4 the peer's, 5 the tracker's.</summary>
public enum TrackerErrorCode
{
    /// <summary>Not a code.</summary>
    None = 0,

    /// <summary>The message is malformed.</summary>
    Malformed = 400,

    /// <summary>The sender may not do that: the address is not its own.</summary>
    Forbidden = 403,

    /// <summary>There is no such peer.</summary>
    NotFound = 404,

    /// <summary>What the peer registers contradicts itself.</summary>
    Conflict = 409,

    /// <summary>More than the tracker takes of one peer.</summary>
    TooMuch = 413,

    /// <summary>The tracker is full.</summary>
    Full = 507,
}
