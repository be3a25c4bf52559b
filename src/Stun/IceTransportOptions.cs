using CS3103P2P.Stun.Ice;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Stun;

/// <summary>What an <see cref="IceTransport"/> gathers candidates from, and how it works. Every source is optional.</summary>
public sealed class IceTransportOptions
{
    /// <summary>Knows the public address of the shared socket; null: no server-reflexive candidates.</summary>
    public PublicEndpointWatcher? Watcher { get; init; }

    /// <summary>Knows what the router forwards to the shared socket's port; null: no mapped candidates.</summary>
    public PortMapper? PortMapper { get; init; }

    /// <summary>
    /// Gives TURN servers with credentials, best first; asked when a relay is first needed, and again after one was lost. Null: no relayed candidates.
    /// </summary>
    public Func<CancellationToken, Task<IReadOnlyList<TurnUri>>>? Relays { get; init; }

    /// <summary>How relays are spoken to.</summary>
    public TurnClientOptions RelayOptions { get; init; } = new();

    /// <summary>Says from whom the NAT lets datagrams in, where that was found out (RFC 5780); null: it is found out once a server of the watcher turns out to have two addresses, beside other work.</summary>
    public Func<NatFiltering>? Filtering { get; init; }

    /// <summary>
    /// STUN servers, <c>host[:port]</c>, that show how a NAT which is not endpoint-independent counts its ports. Default: none, so no prediction.
    /// </summary>
    public IReadOnlyList<string> StunServers { get; init; } = [];

    /// <summary>Whether addresses of this machine alone are candidates too, for peers on one machine. Default false.</summary>
    public bool AllowLoopback { get; init; }

    /// <summary>Most connections, those being made included. Default 256, range 1 to 4,096.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Most connections at a time that strangers, who have shown that they get our answers, have asked for and that do not work yet. Default 64, range 1 to 4,096.</summary>
    public int MaxUnproven { get; init; } = 64;

    /// <summary>Most offers of strangers that wait, at less than 1 KB each, for a sign that the stranger gets our answer. Default 256, range 1 to 4,096.</summary>
    public int MaxPending { get; init; } = 256;

    /// <summary>Where to log. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The pace and patience of agents; role, tie-breaker and credentials are replaced. For tests.</summary>
    internal Func<IceAgentSettings, IceAgentSettings> AdjustSettings { get; init; } = settings => settings;

    /// <summary>Changes what was gathered. For tests.</summary>
    internal Func<IceLocalDescription, IceLocalDescription> AdjustLocal { get; init; } = local => local;

    internal void Validate()
    {
        const int MaxTable = 4096;
        ArgumentNullException.ThrowIfNull(StunServers);
        ArgumentNullException.ThrowIfNull(Logger);
        ArgumentNullException.ThrowIfNull(RelayOptions);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1, nameof(MaxConnections));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxConnections, MaxTable, nameof(MaxConnections));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPending, 1, nameof(MaxPending));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPending, MaxTable, nameof(MaxPending));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnproven, 1, nameof(MaxUnproven));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxUnproven, MaxTable, nameof(MaxUnproven));
    }
}
