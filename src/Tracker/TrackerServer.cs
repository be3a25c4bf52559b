using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Security.Cryptography;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker;

/// <summary>
/// A running tracker: answers requests on one or more UDP ports, and STUN beside them. Several may run in one process. Thread-safe.
/// <code>
/// await using var tracker = await TrackerServer.StartAsync(new TrackerOptions());
/// </code>
/// </summary>
public sealed class TrackerServer : IAsyncDisposable
{
    private const int UnprovenShare = 8;   // entries that no cookie protects take at most an eighth of the registry

    private readonly List<TrackerSocket> _sockets = [];
    private readonly List<StunServer> _stunServers = [];
    private readonly List<TrackerStreams> _streams = [];
    private readonly List<Action> _wakes = [];   // by the numbers of the core's sockets
    private readonly TrackerStun _stunLimits;
    private readonly TrackerStun _relayLimits;
    private TrackerRelay? _relay;
    private SnapshotKeeper? _snapshots;
    private readonly TrackerMeter _meter = new();
    private readonly AttackReport _attacks;
    private readonly TrackerCore _core;
    private readonly ILogger _logger;
    private readonly TrackerReplication? _replication;
    private readonly Lock _gate = new();
    private readonly MonotonicClock _clock;
    private int _disposed;

    private TrackerServer(TrackerCore core, TrackerOptions options, ILogger logger)
    {
        _logger = logger;
        _replication = options.Replication;
        _clock = new MonotonicClock(options.TimeProvider);
        _core = core;
        _stunLimits = new TrackerStun(options.MaxStunRequestsPerSecond, _clock);
        _relayLimits = new TrackerStun(options.MaxStunRequestsPerSecond, _clock);
        _meter.Show(core, ReadTraffic);
        _attacks = new AttackReport(core.Counters, logger, options.TimeProvider);
    }

    /// <summary>The addresses on which requests are answered, with the ports that the system picked where none were given.</summary>
    public IReadOnlyList<TransportAddress> ListenAddresses => [.. _sockets.Select(socket => socket.LocalAddress).Distinct()];

    /// <summary>The addresses on which STUN is answered.</summary>
    public IReadOnlyList<TransportAddress> StunAddresses => [.. _stunServers.SelectMany(AddressesOf)];

    /// <summary>Whether requests are answered by TCP too, on every address.</summary>
    public bool AnswersByTcp => _streams.Count == ListenAddresses.Count;

    /// <summary>Where the relay listens; null when there is none.</summary>
    public TransportAddress? RelayAddress => _relay?.LocalAddress;

    /// <summary>Whether the tracker does all that it should. Thread-safe.</summary>
    public TrackerHealth Health => _replication?.Health ?? _snapshots?.Health ?? new TrackerHealth(true, "the registry is in memory");

    /// <summary>The tracker's figures. Thread-safe.</summary>
    public TrackerStatistics GetStatistics()
    {
        TrackerCounters done = _core.Counters;
        TrackerTraffic traffic = ReadTraffic();
        return new TrackerStatistics(
            _core.Registry.FileCount, _core.Registry.EntryCount, _core.Registry.RegistrantCount, done.Requests, done.Replies, done.Errors, done.Challenges, done.Limited,
            done.Forwarded, traffic.StunRequests, traffic.StunLimited, traffic.RelayedBytes, _snapshots?.Age);
    }

    /// <summary>
    /// Takes over the limits of these options while requests are answered: <see cref="TrackerOptions.DefaultLease"/>, <see cref="TrackerOptions.MaxFiles"/>,
    /// <see cref="TrackerOptions.MaxEntries"/>, <see cref="TrackerOptions.MaxEntriesPerSource"/>, <see cref="TrackerOptions.MaxRequestsPerSecond"/>. Lower
    /// ones than before remove nothing that stands. The other options are read at start alone. Thread-safe.
    /// </summary>
    /// <param name="options">The new limits.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void ChangeLimits(TrackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] errors = [.. TrackerOptionsValidator.Errors(options)];
        if (errors.Length > 0) throw new ArgumentException(string.Join(' ', errors), nameof(options));
        lock (_gate) _core.ChangeLimits(LimitsOf(options) with { LiteralLease = _core.Registry.Limits.LiteralLease }, options.MaxRequestsPerSecond);
        TrackerLog.LimitsChanged(
            _logger, options.DefaultLease, options.MaxFiles, options.MaxEntries, options.MaxEntriesPerSource, options.MaxRequestsPerSecond);
    }

    /// <summary>Binds the ports and starts to answer.</summary>
    /// <param name="options">How to run; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="TrackerException">A port cannot be bound.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static async Task<TrackerServer> StartAsync(TrackerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TrackerOptions();
        string[] errors = [.. TrackerOptionsValidator.Errors(options)];
        if (errors.Length > 0) throw new ArgumentException(string.Join(' ', errors), nameof(options));
        cancellationToken.ThrowIfCancellationRequested();
        var loggers = new LimitedLoggerFactory(options.LoggerFactory, options.TimeProvider);
        ILogger logger = loggers.CreateLogger("CS3103P2P.Tracker");
        TrackerCore core = CreateCore(options);
        var server = new TrackerServer(core, options, logger);
        bool started = false;
        try
        {
            var door = new RegistryDoor(core, server._gate, server._clock, options.TimeProvider);
            if (options.Replication is { } replication) await replication.StartAsync(door, logger, cancellationToken).ConfigureAwait(false);
            if (options.StatePath is { } path) server._snapshots = await SnapshotKeeper.LoadAsync(path, options.StatePeriod, door, logger, cancellationToken).ConfigureAwait(false);
            server.Bind(options, core, loggers.CreateLogger("CS3103P2P.Tracker.Datagrams"));
            server._snapshots?.Start();
            started = true;
        }
        finally
        {
            if (!started) await server.DisposeAsync().ConfigureAwait(false);
        }

        return server;
    }

    /// <summary>Closes the ports, and takes a last snapshot where one is kept. Peers register again with the next tracker.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        TrackerLog.Stopping(_logger);
        foreach (TrackerSocket socket in _sockets) await socket.DisposeAsync().ConfigureAwait(false);
        foreach (TrackerStreams streams in _streams) await streams.DisposeAsync().ConfigureAwait(false);
        foreach (StunServer server in _stunServers) await server.DisposeAsync().ConfigureAwait(false);
        if (_relay is not null) await _relay.DisposeAsync().ConfigureAwait(false);
        if (_snapshots is not null) await _snapshots.DisposeAsync().ConfigureAwait(false);
        if (_replication is not null) await _replication.DisposeAsync().ConfigureAwait(false);
        _attacks.Dispose();
        _meter.Dispose();
    }

    [SuppressMessage("Security", "CA5394", Justification = "Samples of a swarm need no secrecy; cookies come from the secure source.")]
    private static TrackerCore CreateCore(TrackerOptions options)
    {
        var settings = new TrackerCoreOptions
        {
            RequestsPerSecond = options.MaxRequestsPerSecond,
            Limits = LimitsOf(options),
        };
        byte[] secret = RandomNumberGenerator.GetBytes(CookieJar.SecretBytes);
        return new TrackerCore(settings, secret, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
    }

    private static RegistryLimits LimitsOf(TrackerOptions options) => new()
    {
        DefaultLease = options.DefaultLease,
        MinLease = options.MinLease,
        LiteralLease = options.LiteralLease,
        MaxFiles = options.MaxFiles,
        MaxEntries = options.MaxEntries,
        MaxUnprovenEntries = Math.Max(1, options.MaxEntries / UnprovenShare),
        MaxEntriesPerSource = options.MaxEntriesPerSource,
    };

    private TrackerTraffic ReadTraffic()
    {
        DatagramStatistics[] sockets = [.. _sockets.ToArray().Select(socket => socket.Statistics)];
        return new TrackerTraffic(
            sockets.Sum(socket => socket.DatagramsReceived),
            sockets.Sum(socket => socket.ReceiveBatches),
            sockets.Sum(socket => socket.SendsDropped),
            _stunServers.ToArray().Sum(server => server.DatagramsReceived),
            _stunLimits.Limited + _relayLimits.Limited,
            _relay?.RelayedBytes ?? 0,
            _relay?.AllocationCount ?? 0,
            Health.IsReady,
            _snapshots?.Age?.TotalSeconds ?? -1);
    }

    private void Bind(TrackerOptions options, TrackerCore core, ILogger datagramLogger)
    {
        TransportAddress[] listen = options.Listen.Count > 0 ? [.. options.Listen] : [TransportAddress.FromBits(UInt128.Zero, TrackerLimits.DefaultTrackerPort)];
        if (options.Relay is { } relay)
        {
            _relay = Try(relay, "--relay", () => TrackerRelay.Start(relay, options, _relayLimits.Admit, _clock, _logger));
            core.Relay = _relay.Desk;
        }

        core.OfferQueued = socket => _wakes[socket]();
        lock (_gate)   // no request is answered before all sockets stand
        {
            foreach (TransportAddress address in listen)
            {
                var socket = new DatagramEndpointOptions
                {
                    LocalAddress = address, TimeProvider = options.TimeProvider, Logger = datagramLogger,
                    AllowFragments = true,   // a literal list is one datagram, however long
                };
                foreach (TrackerSocket bound in Try(address, "--listen", () => TrackerSocket.BindShared(socket, core, _gate, _clock, _meter, _stunLimits.Admit)))
                {
                    _sockets.Add(bound);
                    _wakes.Add(bound.Wake);
                }

                TrackerLog.AnsweringRequests(_logger, _sockets[^1].LocalAddress);
                if (!options.Tcp || TrackerStreams.TryStart(_sockets[^1].LocalAddress, core, _gate, _clock, _logger) is not { } streams) continue;
                _streams.Add(streams);
                _wakes.Add(streams.Wake);
            }
        }

        TransportAddress[] stunAddresses = [.. options.Stun.Where(address => address != options.Relay)];   // the relay answers STUN itself
        foreach ((TransportAddress address, TransportAddress? alternate) in TrackerStun.Plan(stunAddresses))
        {
            var stun = new StunServerOptions
            {
                ListenAddress = address, AlternateAddress = alternate, Admit = _stunLimits.Admit, TimeProvider = options.TimeProvider, Logger = _logger,
            };
            _stunServers.Add(Try(address, "--stun", () => StunServer.Start(stun)));
        }

        foreach (TransportAddress address in StunAddresses) TrackerLog.AnsweringStun(_logger, address);
    }

    private static IEnumerable<TransportAddress> AddressesOf(StunServer server) =>
        server.Addresses is { } four ? Enumerable.Range(0, StunServerAddresses.Count).Select(i => four[i]) : [server.LocalAddress];

    private static T Try<T>(TransportAddress address, string option, Func<T> bind)
    {
        try
        {
            return bind();
        }
        catch (SocketException e)
        {
            throw BindErrors.Explain(e, address, option);
        }
    }
}
