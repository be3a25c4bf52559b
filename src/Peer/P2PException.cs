namespace CS3103P2P.Peer;

/// <summary>An operation of the peer failed for a reason that lies outside the program: network, tracker, peers, disk.</summary>
/// <param name="reason">Why, for the program.</param>
/// <param name="message">Why, for a person.</param>
/// <param name="innerException">What was thrown below; null when nothing was.</param>
public sealed class P2PException(P2PErrorReason reason, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Most entries of <see cref="FailedPeers"/>.</summary>
    public const int MaxFailedPeers = 64;

    /// <summary>Why, for the program.</summary>
    public P2PErrorReason Reason { get; } = reason;

    /// <summary>The peers that a download could not use, and why; empty when that is not what failed. At most <see cref="MaxFailedPeers"/>.</summary>
    public IReadOnlyList<ConnectFailure> FailedPeers { get; init; } = [];
}
