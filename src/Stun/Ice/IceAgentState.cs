namespace CS3103P2P.Stun.Ice;

/// <summary>Where an agent stands.</summary>
public enum IceAgentState
{
    /// <summary>Checks run, or wait for the peer's offer; nothing works yet.</summary>
    Connecting = 0,

    /// <summary>A path works. Better ones may follow.</summary>
    Connected,

    /// <summary>Paths worked, but the one in use has fallen silent; it goes on being used until another works or consent is lost.</summary>
    Doubtful,

    /// <summary>Over; <see cref="IceAgent.Failure"/> says why.</summary>
    Failed,
}
