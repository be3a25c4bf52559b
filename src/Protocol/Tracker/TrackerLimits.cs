namespace CS3103P2P.Protocol;

/// <summary>Numbers of the tracker's text protocol that both sides keep to.</summary>
public static class TrackerLimits
{
    /// <summary>The tracker's UDP port when none is named.</summary>
    public const int DefaultTrackerPort = 80;

    /// <summary>A peer's port when none is named.</summary>
    public const int DefaultPeerPort = 6881;

    /// <summary>Largest datagram, in bytes, to or from a program that uses extensions: passes every path without fragments.</summary>
    public const int MaxDatagramBytes = 1_200;

    /// <summary>Largest request that is read, in bytes: the existing implementation uploads a whole file in one.</summary>
    public const int MaxRequestBytes = 65_507;

    /// <summary>By how many bytes an <c>ERROR</c> may be longer than what it answers.</summary>
    public const int MaxErrorOverheadBytes = 100;

    /// <summary>How many bytes a sender without a cookie gets back for each that it sent, when it uses extensions.</summary>
    public const int MaxUnprovenAmplification = 3;

    /// <summary>Longest request id, in characters.</summary>
    public const int MaxIdLength = 16;

    /// <summary>Longest page mark, in characters.</summary>
    public const int MaxPageLength = 40;

    /// <summary>Longest percent-encoded name, in bytes.</summary>
    public const int MaxEncodedNameBytes = ShareName.MaxBytes * 3;

    /// <summary>Most candidates that a peer may list.</summary>
    public const int MaxCandidates = 4;

    /// <summary>Longest connection offer, in bytes before it is encoded.</summary>
    public const int MaxOfferBytes = 700;

    /// <summary>Longest user name or password of a relay, in characters.</summary>
    public const int MaxRelayCredentialLength = 128;

    /// <summary>Longest lease that may be asked for, in seconds.</summary>
    public const int MaxLeaseSeconds = 86_400;
}
