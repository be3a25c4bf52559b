using System.Collections.Immutable;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// All that brings this node together with peers behind NATs: STUN, port mapping, relays, and ICE over them; offers travel by the trackers. Thread-safe.
/// </summary>
internal sealed class NatTraversal : IAsyncDisposable
{
    private static readonly TimeSpan RelayPatience = TimeSpan.FromSeconds(3);
    private readonly PeerNodeOptions _options;
    private readonly ILogger _logger;
    private readonly IReadOnlyList<TurnUri> _relays;
    private ImmutableArray<ITrackerClient> _trackers = [];

    private NatTraversal(DatagramEndpoint udp, PeerNodeOptions options, ILogger logger, PortMapper? mapper)
    {
        _options = options;
        _logger = logger;
        _relays = [.. options.RelayServers.Select(ParseRelay)];
        Mapper = mapper;
        Addresses = new AddressWatch(udp, options, logger);
        Ice = new IceTransport(Addresses.Stun, new IceTransportOptions
        {
            Watcher = Addresses.Watcher,
            PortMapper = mapper,
            Relays = FindRelaysAsync,
            RelayOptions = new TurnClientOptions { TimeProvider = options.TimeProvider },
            StunServers = Addresses.Servers,
            MaxConnections = Math.Min(options.MaxConnections, MaxIceConnections),
            Logger = logger,
        });
    }

    private const int MaxIceConnections = 4_096;

    /// <summary>The public address.</summary>
    public AddressWatch Addresses { get; }

    /// <summary>The router; null when it is not to be asked.</summary>
    public PortMapper? Mapper { get; }

    /// <summary>Connects through NATs.</summary>
    public IceTransport Ice { get; }

    /// <summary>Takes wishes to be dialled, which are no offers of ICE; set before the first tracker is added.</summary>
    public Action<RendezvousOffer>? HandleDialOffer { get; set; }

    /// <summary>Connects by TCP where UDP is blocked; set before the first tracker is added.</summary>
    public TcpPunch? Tcp { get; set; }

    /// <summary>Whether no STUN server was heard of, though they were asked: here or at every one of them, UDP is blocked.</summary>
    public bool LooksBlocked => Addresses is { Servers.Count: > 0, Current: null };

    /// <summary>Where others reach this node, as the router or STUN says; null while that is not known.</summary>
    public TransportAddress? PublicAddress =>
        Mapper?.Status is { IsDoubleNat: false, Udp: { } mapped } ? mapped : Addresses.Reachable;

    /// <summary>Makes all of it over the node's socket.</summary>
    /// <param name="udp">The socket.</param>
    /// <param name="options">How.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="advertise">Called when <see cref="PublicAddress"/> may have changed.</param>
    public static NatTraversal Start(DatagramEndpoint udp, PeerNodeOptions options, ILogger logger, Action advertise)
    {
        bool wantsMapping = options.PortMapping && options.ListenAddress is null;
        PortMapper? mapper = !wantsMapping ? null : PortMapper.Start(new PortMapperOptions
        {
            Port = udp.LocalAddress.Port,
            OnStatusChanged = _ => advertise(),
            TimeProvider = options.TimeProvider,
            Logger = logger,
        });
        var made = new NatTraversal(udp, options, logger, mapper);
        made.Addresses.Changed += () =>
        {
            if (made.Addresses.Current is { } seen) mapper?.ReportReflexiveAddress(seen);
            advertise();
        };
        made.Addresses.Start();
        return made;
    }

    /// <summary>Takes offers that come by this tracker, and asks it for its relay.</summary>
    public void AddTracker(ITrackerClient tracker)
    {
        ImmutableInterlocked.Update(ref _trackers, static (all, one) => all.Add(one), tracker);
        IceOfferSender sender = SenderBy(tracker);
        tracker.OfferReceived += offer =>
        {
            if (PunchOffer.IsOne(offer)) HandleDialOffer?.Invoke(offer);
            else if (TcpPunchOffer.IsOne(offer)) Tcp?.Handle(offer, sender);
            else HandleIceOffer(offer, sender);
        };
    }

    /// <summary>A server that tells over TCP how we look from outside: the relay of a tracker is one too.</summary>
    public async Task<TransportAddress?> FindStreamServerAsync(CancellationToken cancellationToken)
    {
        foreach (ITrackerClient tracker in _trackers)
        {
            if (await tracker.GetRelayAsync(cancellationToken).ConfigureAwait(false) is { Relay.IsIPv4: true } grant) return grant.Relay;
        }

        return null;
    }

    private void HandleIceOffer(RendezvousOffer offer, IceOfferSender sender)
    {
        if (LooksBlocked) Tcp?.Handle(new TcpPunchWish(offer.From, sender, null));
        Ice.HandleOffer(offer.From, offer.Offer, sender);
    }

    /// <summary>Asks this tracker no more.</summary>
    public void RemoveTracker(ITrackerClient tracker) => ImmutableInterlocked.Update(ref _trackers, static (all, one) => all.Remove(one), tracker);

    /// <summary>Sends offers by way of a tracker.</summary>
    public IceOfferSender SenderBy(ITrackerClient tracker) => async (to, offer, cancellationToken) =>
    {
        try
        {
            return await tracker.SendOfferAsync(to, offer, cancellationToken).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            _logger.LogDebug("An offer was not passed on: {Reason}", e.Message);
            return false;
        }
    };

    /// <summary>Asks for a relay before a connection needs it.</summary>
    public void PrepareRelay()
    {
        if (_options.Utp) Ice.PrepareRelay();
    }

    /// <summary>Reads a relay as users write it.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static TurnUri ParseRelay(string text) =>
        TurnUri.TryParse(text, out TurnUri? uri) ? uri : throw new ArgumentException($"'{text}' is not turn:user:password@host:port?transport=udp|tcp or turns:...");

    public async ValueTask DisposeAsync()
    {
        await Ice.DisposeAsync().ConfigureAwait(false);
        if (Mapper is not null) await Mapper.DisposeAsync().ConfigureAwait(false);
        await Addresses.DisposeAsync().ConfigureAwait(false);
    }

    // Those of the user first, then those of the trackers; UDP before TCP, which costs more and is for networks that block UDP.
    private async Task<IReadOnlyList<TurnUri>> FindRelaysAsync(CancellationToken cancellationToken)
    {
        List<TurnUri> found = [.. _relays];
        foreach (ITrackerClient tracker in _trackers)
        {
            try
            {
                RelayGrant? grant = await tracker.GetRelayAsync(cancellationToken).WaitAsync(RelayPatience, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                if (grant is null) continue;
                var user = new TurnCredentials(grant.User, grant.Password);
                string host = grant.Relay.ToIPAddress().ToString();
                found.Add(new TurnUri(host, grant.Relay.Port, TurnTransport.Udp, user));
                found.Add(new TurnUri(host, grant.Relay.Port, TurnTransport.Tcp, user));
            }
            catch (Exception e) when (e is TimeoutException or ObjectDisposedException)
            {
                _logger.LogDebug("A tracker did not tell of its relay.");
            }
        }

        return found;
    }
}
