namespace CS3103P2P.Protocol;

/// <summary>Why a peer refuses: the status of a <see cref="CommonReplyMessage"/>.</summary>
public enum RefusalReason
{
    /// <summary>No reason given.</summary>
    Unspecified = 0,

    /// <summary>No such share, or the proof for a private one is wrong: the two look alike on purpose.</summary>
    NoSuchShare = 1,

    /// <summary>The chunk, or the hashes, are not there (yet).</summary>
    NotAvailable = 2,

    /// <summary>Too much is asked at once: ask later, or another peer.</summary>
    Busy = 3,

    /// <summary>The message makes no sense in this place.</summary>
    ProtocolError = 4,

    /// <summary>The share could not be read.</summary>
    ReadFailed = 5,

    /// <summary>Too many connections or channels.</summary>
    LimitReached = 6,
}
