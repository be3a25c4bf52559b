namespace CS3103P2P.Peer;

/// <summary>Why an operation of the peer failed; a program can switch on it.</summary>
public enum P2PErrorReason
{
    /// <summary>Something else; the message tells.</summary>
    Other = 0,

    /// <summary>The tracker knows no share of that name, or the path to share does not exist.</summary>
    NotFound,

    /// <summary>The share is known, but nobody who has it could be reached.</summary>
    NoPeers,

    /// <summary>No tracker answered, or none is configured and one is needed.</summary>
    TrackerUnreachable,

    /// <summary>The tracker answered with an error.</summary>
    TrackerRefused,

    /// <summary>Every reachable peer refused: it has no such share, or the ticket's secret is wrong.</summary>
    Refused,

    /// <summary>The name, ticket, address or path is not well formed.</summary>
    InvalidName,

    /// <summary>There is already a different file or directory at the target.</summary>
    TargetExists,

    /// <summary>The disk is full. What was verified is kept.</summary>
    DiskFull,

    /// <summary>A file or directory may not be read or written.</summary>
    PermissionDenied,

    /// <summary>Reading or writing failed for another reason.</summary>
    StorageFailed,

    /// <summary>The data that peers gave does not match the root, and nobody else has it.</summary>
    Corrupt,

    /// <summary>The port is in use, or no socket could be opened.</summary>
    PortUnavailable,
}
