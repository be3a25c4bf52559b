using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer;

/// <summary>How a <see cref="PeerNode"/> runs. Read once, at start.</summary>
public sealed class PeerNodeOptions
{
    /// <summary>The port on which peers of this product listen, UDP and TCP.</summary>
    public const int DefaultPort = 6881;

    /// <summary>Most trackers of one peer.</summary>
    public const int MaxTrackers = 16;

    /// <summary>The smallest rate to which uploads or downloads can be limited, in bits per second.</summary>
    public const long MinLimitBitsPerSecond = 80_000;

    /// <summary>The tracker as <c>host[:port]</c>, port 80 when none is given; null (the default) for none: then only tickets and addresses work.</summary>
    public string? Tracker { get; set; }

    /// <summary>
    /// Further trackers to turn to when <see cref="Tracker"/> is silent, best first, as <c>host[:port]</c>; at most <see cref="MaxTrackers"/>. The first that
    /// answers has this peer's registrations; when one before it answers again, the peer returns to that. Default: none.
    /// </summary>
    public IList<string> Trackers { get; } = [];

    /// <summary>STUN servers as <c>host[:port]</c>, port 3478 when none is given. Default: public servers; empty asks none.</summary>
    public IList<string> StunServers { get; } = ["stun.l.google.com:19302", "stun.cloudflare.com:3478"];

    /// <summary>
    /// Relays to fall back on, <c>turn:user:password@host:port?transport=udp|tcp</c> or <c>turns:...</c>, best first; the tracker's own relay, if it has one,
    /// comes after them. Default: none.
    /// </summary>
    public IList<string> RelayServers { get; } = [];

    /// <summary>Addresses of peers (<c>ip[:port]</c>) to ask for everything, beside those that the tracker names. Default: none.</summary>
    public IList<string> DirectPeers { get; } = [];

    /// <summary>The UDP and TCP port, 0 to 65535; 0 lets the system choose one that is free for both. Default: 6881.</summary>
    public int Port { get; set; } = DefaultPort;

    /// <summary>The local address to listen on; null (the default) for all.</summary>
    public IPAddress? ListenAddress { get; set; }

    /// <summary>File with this peer's key, made when missing; null (the default) for a new key at each start.</summary>
    public string? IdentityPath { get; set; }

    /// <summary>Whether to find and be found by peers on the same local network. Default: true.</summary>
    public bool Lan { get; set; } = true;

    /// <summary>Whether to ask the router for a port (PCP, NAT-PMP, UPnP). Default: true.</summary>
    public bool PortMapping { get; set; } = true;

    /// <summary>Whether to dial and accept uTP beside TCP. Default: true.</summary>
    public bool Utp { get; set; } = true;

    /// <summary>Most bits per second to send to peers, in all; null (the default) for no limit. At least <see cref="MinLimitBitsPerSecond"/>.</summary>
    public long? UploadLimitBitsPerSecond { get; set; }

    /// <summary>Most bits per second to fetch from peers, in all; null (the default) for no limit. At least <see cref="MinLimitBitsPerSecond"/>.</summary>
    public long? DownloadLimitBitsPerSecond { get; set; }

    /// <summary>Most connections with peers at once, 1 to 10,000. Default: 200.</summary>
    public int MaxConnections { get; set; } = 200;

    /// <summary>Most connections from one IP address at once, 1 to 10,000. Default: 32.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 32;

    /// <summary>Most bytes of unverified chunks held in memory by all downloads together, from 1 MiB. Default: 32 MiB.</summary>
    public long MaxBytesInFlight { get; set; } = 32 * 1024 * 1024;

    /// <summary>How long a peer may take to connect and to prove who it is, 1 s to 2 min. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a download may go on without a verified chunk before it fails for want of peers, 1 s to 1 day. Default: 2 min.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Where log lines go. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The clock of timers and timeouts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The machine. Default: this one.</summary>
    internal NodePlatform Platform { get; set; } = new();

    /// <summary>All trackers, best first.</summary>
    internal IReadOnlyList<string> AllTrackers => Tracker is null ? [.. Trackers] : [Tracker, .. Trackers];
}
