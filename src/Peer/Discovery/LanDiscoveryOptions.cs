using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Discovery;

/// <summary>What a <see cref="LanDiscovery"/> tells the local network, and whom it tells what it finds.</summary>
public sealed class LanDiscoveryOptions
{
    /// <summary>Our peer id.</summary>
    public required PeerId PeerId { get; init; }

    /// <summary>The port that we serve, UDP and TCP, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>The name shown on the network, at most 63 UTF-8 bytes; a number is added while another has it. Null: made from the peer id.</summary>
    public string? InstanceName { get; init; }

    /// <summary>Whether we announce ourselves; false only looks. Default: true.</summary>
    public bool Announce { get; init; } = true;

    /// <summary>Also speaks on the loopback interface, so that several peers on one machine meet without a network. Default: true.</summary>
    public bool UseLoopback { get; init; } = true;

    /// <summary>Called when a peer appears or its addresses change, from the discovery's own loop: return quickly, do not throw.</summary>
    public Action<LanPeer>? OnPeerFound { get; init; }

    /// <summary>Called when a peer has left or has not been heard of for its records' lifetime.</summary>
    public Action<LanPeer>? OnPeerLost { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log; null for nowhere.</summary>
    public ILogger? Logger { get; init; }
}
