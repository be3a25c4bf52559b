using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Tracker;

/// <summary>How a <see cref="TrackerServer"/> runs. Read once, at start.</summary>
public sealed class TrackerOptions
{
    /// <summary>Most addresses to listen on, for requests and for STUN each.</summary>
    public const int MaxListenAddresses = 64;

    /// <summary>Where to listen for requests; port 0 is a free one. Empty (the default) means every address, UDP port 80.</summary>
    public IList<TransportAddress> Listen { get; } = [];

    /// <summary>Whether to answer by TCP too, on the same port numbers, for peers whose network lets no UDP through. Default: true.</summary>
    public bool Tcp { get; set; } = true;

    /// <summary>
    /// Where to answer STUN (RFC 8489) in the same process; port 0 is a free one. Two that follow each other with different IP addresses of one family
    /// serve NAT behaviour discovery together (RFC 5780): both at two ports, those given, or where these are the same that one and the next. Empty (the
    /// default) means nowhere.
    /// </summary>
    public IList<TransportAddress> Stun { get; } = [];

    /// <summary>
    /// Where to serve as a relay (TURN, RFC 8656, by UDP and TCP) in the same process, for peers that the tracker has given a user; port 0 is a free one.
    /// STUN is answered there too. Null (the default) for nowhere.
    /// </summary>
    public TransportAddress? Relay { get; set; }

    /// <summary>The IPv4 address at which peers reach the relay; needed when <see cref="Relay"/> is every address, or behind a NAT. Default: null.</summary>
    public IPAddress? PublicAddress { get; set; }

    /// <summary>Whether the relay serves peers in private networks too. Default: false, since it would be a door into the tracker's own network.</summary>
    public bool AllowPrivateRelayPeers { get; set; }

    /// <summary>How long a peer stays registered after its last request, unless it asks for another time. 10 s to 1 h; default 2 min.</summary>
    public TimeSpan DefaultLease { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The same for programs that know no leases and so never refresh. 10 s to 24 h; default 1 h.</summary>
    public TimeSpan LiteralLease { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most files, 1 to 10,000,000. Default: 1,000,000.</summary>
    public int MaxFiles { get; set; } = 1_000_000;

    /// <summary>Most entries, an entry being one peer's chunks of one file; 1 to 50,000,000. Default: 4,000,000.</summary>
    public int MaxEntries { get; set; } = 4_000_000;

    /// <summary>Most entries of one IPv4 address or IPv6 /64, 1 to 10,000,000. Default: 20,000.</summary>
    public int MaxEntriesPerSource { get; set; } = 20_000;

    /// <summary>Requests a second that one IPv4 address or IPv6 /64 may make; what is above gets no reply. 0 for no limit. Default: 2,000. Loopback has no limit.</summary>
    public int MaxRequestsPerSecond { get; set; } = 2_000;

    /// <summary>The same for STUN requests on all ports together, and for STUN and TURN requests to <see cref="Relay"/>. 0 for no limit. Default: 1,000.</summary>
    public int MaxStunRequestsPerSecond { get; set; } = 1_000;

    /// <summary>
    /// The file in which a copy of the registry is kept, so that a restarted tracker knows what it knew; null (the default) for none. Not together with
    /// <see cref="Replication"/>, which keeps the registry elsewhere.
    /// </summary>
    public string? StatePath { get; set; }

    /// <summary>How often what changed is written to the disk: about what a killed tracker forgets. 1 s to 1 h; default 3 s.</summary>
    public TimeSpan StatePeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Where log lines go. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The clock of leases and cookies. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The shortest lease granted; tests are less patient.</summary>
    internal TimeSpan MinLease { get; set; } = new RegistryLimits().MinLease;

    /// <summary>Keeps the registry in step with those of other trackers. Null (the default) for a tracker that stands alone.</summary>
    public TrackerReplication? Replication { get; set; }
}
