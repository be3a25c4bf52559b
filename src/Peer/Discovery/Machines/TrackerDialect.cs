namespace CS3103P2P.Peer.Discovery;

/// <summary>Which form of the protocol a tracker speaks, as far as is known.</summary>
internal enum TrackerDialect
{
    /// <summary>It has not said anything yet.</summary>
    Unknown,

    /// <summary>It echoes extensions.</summary>
    Extended,

    /// <summary>It speaks the forms of the original document alone.</summary>
    Literal,
}
