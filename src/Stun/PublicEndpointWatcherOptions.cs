using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Stun;

/// <summary>How a <see cref="PublicEndpointWatcher"/> watches.</summary>
public sealed class PublicEndpointWatcherOptions
{
    /// <summary>Servers to ask, each <c>host[:port]</c>. Default: <see cref="PublicStunServers.Default"/>.</summary>
    public IReadOnlyList<string> Servers { get; init; } = PublicStunServers.Default;

    /// <summary>
    /// The longest time between rounds, before jitter of a tenth either way. Default 10 s, range 100 ms to 1 day. Behind a NAT that is seen to forget mappings
    /// sooner, the rounds come as often as every 2 s.
    /// </summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many servers are asked at once. Default 3, range 1 to 16.</summary>
    public int ServersPerRound { get; init; } = 3;

    /// <summary>The clock of the rounds. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where changes and faults are reported. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal void Validate()
    {
        const int MostServersPerRound = 16;
        ArgumentNullException.ThrowIfNull(Servers);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Logger);
        if (Servers.Count == 0) throw new ArgumentException("At least one server is needed.", nameof(Servers));
        if (Servers.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("A server's name is empty.", nameof(Servers));
        ArgumentOutOfRangeException.ThrowIfLessThan(Period, TimeSpan.FromMilliseconds(100), nameof(Period));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Period, TimeSpan.FromDays(1), nameof(Period));
        ArgumentOutOfRangeException.ThrowIfLessThan(ServersPerRound, 1, nameof(ServersPerRound));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ServersPerRound, MostServersPerRound, nameof(ServersPerRound));
    }
}
