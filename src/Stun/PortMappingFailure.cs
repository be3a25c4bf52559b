namespace CS3103P2P.Stun;

/// <summary>Why a port is not mapped.</summary>
public enum PortMappingFailure
{
    /// <summary>It is, or the question is still open.</summary>
    None = 0,

    /// <summary>This machine has no default router.</summary>
    NoGateway,

    /// <summary>The router answered none of the protocols.</summary>
    NoAnswer,

    /// <summary>The router understands the protocol but not the request.</summary>
    Unsupported,

    /// <summary>The router's owner has forbidden it.</summary>
    NotAuthorized,

    /// <summary>The router has no public address, or no link to its provider.</summary>
    NetworkFailure,

    /// <summary>The router has no port left for us, or we have used up our share.</summary>
    NoResources,

    /// <summary>Another NAT stands between this machine and the router that answered (PCP result ADDRESS_MISMATCH).</summary>
    AddressMismatch,

    /// <summary>Every port that was tried belongs to somebody else.</summary>
    Conflict,

    /// <summary>The router sent something that is not the protocol.</summary>
    Malformed,

    /// <summary>The mapping was removed because the mapper was stopped.</summary>
    Stopped,
}
