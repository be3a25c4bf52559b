namespace CS3103P2P.Peer.Discovery;

/// <summary>How an exchange with the tracker stands.</summary>
internal enum TrackerExchangeStatus
{
    /// <summary>Under way.</summary>
    Pending,

    /// <summary>Answered, all pages.</summary>
    Answered,

    /// <summary>The tracker answered with an error.</summary>
    Refused,

    /// <summary>Nothing came back, or nothing that makes sense.</summary>
    NoAnswer,
}
