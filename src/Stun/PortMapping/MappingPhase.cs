namespace CS3103P2P.Stun.PortMapping;

/// <summary>How far a machine has come with its router.</summary>
internal enum MappingPhase
{
    /// <summary>Asks whether the router speaks the protocol; nothing is mapped yet.</summary>
    Probing,

    /// <summary>It does, and waits to be told to map.</summary>
    Available,

    /// <summary>Maps for the first time.</summary>
    Mapping,

    /// <summary>UDP at least is mapped and is kept so.</summary>
    Mapped,

    /// <summary>Does not work, or works no more.</summary>
    Failed,

    /// <summary>Removes what it mapped.</summary>
    Releasing,

    /// <summary>Has removed it.</summary>
    Released,
}
