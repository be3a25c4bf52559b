namespace CS3103P2P.Stun.Ice;

/// <summary>What has happened at an agent since it was asked last.</summary>
[Flags]
public enum IceEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="IceAgent.Selected"/> is another path.</summary>
    PathChanged = 1,

    /// <summary>The set of addresses that the peer sends from has grown or shrunk.</summary>
    RemotesChanged = 2,

    /// <summary>The path in use has fallen silent: gather anew, and tell the peer.</summary>
    PathDoubtful = 4,

    /// <summary>The agent failed.</summary>
    Failed = 8,

    /// <summary><see cref="IceAgent.WantedSockets"/> has changed.</summary>
    SocketsChanged = 16,

    /// <summary>The peer sees this side at another address than before.</summary>
    MappedAddressChanged = 32,

    /// <summary>After doubt, the path in use, or another, works.</summary>
    PathRecovered = 64,
}
