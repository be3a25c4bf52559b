namespace CS3103P2P.Stun;

/// <summary>How a question to a STUN server ended.</summary>
public enum StunOutcome
{
    /// <summary>No question was asked yet.</summary>
    None = 0,

    /// <summary>The server told the mapped address.</summary>
    Success,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The server refused; <see cref="StunBindingResult.ErrorCode"/> says why.</summary>
    Refused,

    /// <summary>The answer had no usable address.</summary>
    Malformed,

    /// <summary>The answer had a comprehension-required attribute that is unknown (RFC 8489 §6.3.3).</summary>
    UnknownAttribute,

    /// <summary>The server's name has no address.</summary>
    NameNotResolved,

    /// <summary>Too many questions are open on this socket.</summary>
    Busy,

    /// <summary>The socket was closed.</summary>
    Closed,
}
