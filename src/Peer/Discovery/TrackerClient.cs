using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CS3103P2P.Peer.Hosting;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace CS3103P2P.Peer.Discovery;

/// <summary>The tracker client on a peer's socket: a <see cref="TrackerClientMachine"/> on the loop, tasks for those who ask.</summary>
internal sealed class TrackerClient : ITrackerClient
{
    private const int MaxResolveAttempts = 3;
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(2);

    private readonly DatagramEndpoint _endpoint;
    private readonly TrackerClientMachine _machine;
    private readonly LoopMachine _loop;
    private readonly HostAndPort _tracker;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<TrackerExchange, TaskCompletionSource> _waiting = new();
    private readonly ResiliencePipeline _resolving;
    private readonly SemaphoreSlim _resolveGate = new(1, 1);
    private IPAddress[] _addresses = [];
    private int _addressIndex;
    private readonly List<(string Name, TaskCompletionSource<bool> Done)> _registering = [];   // touched on the loop alone
    private readonly List<TaskCompletionSource<RelayGrant?>> _relayWaiters = [];                // touched on the loop alone
    private readonly Lock _listedGate = new();
    private volatile bool _hasTracker;
    private TransportAddress? _listedAddress;

    /// <summary>Makes a client on a socket whose <see cref="DatagramKind.Tracker"/> is free.</summary>
    /// <param name="endpoint">The peer's socket.</param>
    /// <param name="self">This peer.</param>
    /// <param name="tracker">The tracker as <c>host[:port]</c>.</param>
    /// <param name="timeProvider">The clock of retries.</param>
    /// <param name="logger">Where log lines go.</param>
    public TrackerClient(DatagramEndpoint endpoint, PeerId self, string tracker, TimeProvider timeProvider, ILogger logger)
    {
        _endpoint = endpoint;
        _logger = logger;
        if (!HostAndPort.TryParse(tracker, TrackerLimits.DefaultTrackerPort, out _tracker))
        {
            throw new ArgumentException($"`{tracker}` is not HOST[:PORT].", nameof(tracker));
        }

        _machine = new TrackerClientMachine(self, new Random(endpoint.Network.Chance.Next()));
        _resolving = new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<SocketException>(e => e.SocketErrorCode == SocketError.TryAgain),
                MaxRetryAttempts = MaxResolveAttempts,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = endpoint.Network.Chance.NextDouble,
                Delay = TimeSpan.FromMilliseconds(200),
            })
            .Build();
        _loop = new LoopMachine(this);
        _endpoint.Attach(DatagramKind.Tracker, _loop);
    }

    /// <inheritdoc/>
    public event Action<RendezvousOffer>? OfferReceived;

    /// <inheritdoc/>
    public TransportAddress? ListedAddress
    {
        get
        {
            lock (_listedGate) return _listedAddress;
        }
    }

    private MonotonicTime Now => _endpoint.Clock.Now;

    /// <inheritdoc/>
    public async Task<SwarmListing> LookupAsync(string name, Sha256Digest? root, bool refresh, CancellationToken cancellationToken)
    {
        var exchange = new TrackerExchange(TrackerExchangeKind.Lookup) { Name = name, Root = root, IsUpdate = refresh };
        await AskAsync(exchange, cancellationToken).ConfigureAwait(false);
        return exchange.Listing.ToListing();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var exchange = new TrackerExchange(TrackerExchangeKind.List);
        await AskAsync(exchange, cancellationToken).ConfigureAwait(false);
        return exchange.Names;
    }

    /// <inheritdoc/>
    public async Task<FileSummary?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var exchange = new TrackerExchange(TrackerExchangeKind.Find) { Name = name };
        await AskAsync(exchange, cancellationToken).ConfigureAwait(false);
        return exchange.IsFound ? new FileSummary(name, exchange.Listing.Descriptor, exchange.PeerCount) : null;
    }

    /// <inheritdoc/>
    public void Announce(Registration registration)
    {
        var copy = registration with { Chunks = registration.Chunks.Clone() };
        _ = ResolveInBackgroundAsync();
        _endpoint.TryPost(() =>
        {
            if (!_machine.Announce(Now, copy)) _logger.LogError("Too many shares: {Name} is not registered with the tracker.", copy.Descriptor.Name);
        });
    }

    /// <inheritdoc/>
    public async Task<bool> WaitUntilRegisteredAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await ResolveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (P2PException)
        {
            return false;   // logged where the announcement resolves the name
        }

        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _endpoint.Post(() =>
        {
            if (_machine.IsRegistered(name)) done.TrySetResult(true);
            else _registering.Add((name, done));
        });
        return await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Withdraw(string name) => _endpoint.TryPost(() => _machine.Withdraw(Now, name));

    /// <inheritdoc/>
    public void SetPublicAddress(TransportAddress? address) => _endpoint.TryPost(() => _machine.SetPublicAddress(Now, address));

    /// <inheritdoc/>
    public void KeepPresent()
    {
        _ = ResolveInBackgroundAsync();
        _endpoint.TryPost(() => _machine.KeepPresent(Now));
    }

    /// <inheritdoc/>
    public async Task<RelayGrant?> GetRelayAsync(CancellationToken cancellationToken)
    {
        KeepPresent();
        var told = new TaskCompletionSource<RelayGrant?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _endpoint.Post(() =>
        {
            if (_machine.IsRelayKnown) told.TrySetResult(_machine.Relay);
            else _relayWaiters.Add(told);
        });
        return await told.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> SendOfferAsync(PeerId to, ReadOnlyMemory<byte> offer, CancellationToken cancellationToken)
    {
        var exchange = new TrackerExchange(TrackerExchangeKind.Offer) { To = to, Offer = offer };
        await RunAsync(exchange, cancellationToken).ConfigureAwait(false);
        if (exchange is { Status: TrackerExchangeStatus.Refused, ErrorCode: TrackerErrorCode.NotFound }) return false;
        ThrowUnlessAnswered(exchange);
        return true;
    }

    /// <inheritdoc/>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (!_hasTracker) return;
        var exchange = new TrackerExchange(TrackerExchangeKind.Leave);
        using var timeout = new CancellationTokenSource(LeaveTimeout, _endpoint.TimeProvider);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await WaitAsync(exchange, machine => machine.Leave(Now, exchange), deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.LogDebug("The tracker {Tracker} did not confirm the exit; the lease ends by itself.", _tracker);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _endpoint.Detach(DatagramKind.Tracker);
        _loop.Dispose();
        _endpoint.TryPost(() =>
        {
            TellRegistering(null);
            TellRelay();
        });
        foreach (TaskCompletionSource waiting in _waiting.Values) waiting.TrySetException(new ObjectDisposedException(nameof(TrackerClient)));
        _resolveGate.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AskAsync(TrackerExchange exchange, CancellationToken cancellationToken)
    {
        await RunAsync(exchange, cancellationToken).ConfigureAwait(false);
        ThrowUnlessAnswered(exchange);
    }

    private async Task RunAsync(TrackerExchange exchange, CancellationToken cancellationToken)
    {
        await ResolveAsync(cancellationToken).ConfigureAwait(false);
        await WaitAsync(exchange, machine => machine.Start(Now, exchange), cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitAsync(TrackerExchange exchange, Action<TrackerClientMachine> start, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[exchange] = answered;
        try
        {
            _endpoint.Post(() => start(_machine));
            await answered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (_waiting.TryRemove(exchange, out _)) _endpoint.TryPost(() => _machine.Cancel(exchange));
        }
    }

    private void ThrowUnlessAnswered(TrackerExchange exchange)
    {
        if (exchange.Status == TrackerExchangeStatus.Answered) return;
        throw exchange.Status == TrackerExchangeStatus.Refused
            ? new P2PException(P2PErrorReason.TrackerRefused, $"The tracker {_tracker} refused: {exchange.ErrorReason} ({(int)exchange.ErrorCode}).")
            : new P2PException(P2PErrorReason.TrackerUnreachable, $"The tracker {_tracker} did not answer. Is it running, and is UDP or TCP to it open?");
    }

    private async Task ResolveInBackgroundAsync()
    {
        try
        {
            await ResolveAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            _logger.LogWarning("{Message}", e.Message);
        }
        catch (ObjectDisposedException)
        {
            // The client has ended meanwhile: nothing is left to register.
        }
    }

    private async Task ResolveAsync(CancellationToken cancellationToken)
    {
        if (_hasTracker) return;
        await _resolveGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_hasTracker) return;
            _addresses = await _resolving.ExecuteAsync(
                async token => await Dns.GetHostAddressesAsync(_tracker.Host, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (_addresses.Length == 0) throw new P2PException(P2PErrorReason.TrackerUnreachable, $"The tracker's name {_tracker.Host} has no address.");
            Use(_addresses[_addressIndex % _addresses.Length]);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new P2PException(P2PErrorReason.TrackerUnreachable, $"The tracker's name {_tracker.Host} cannot be resolved: {e.Message}", e);
        }
        finally
        {
            _resolveGate.Release();
        }
    }

    private void Use(IPAddress address)
    {
        var tracker = new TransportAddress(address, _tracker.Port);
        _endpoint.TryPost(() => _machine.SetTracker(Now, tracker));
        _hasTracker = true;
    }

    // On the loop, after each input.
    private void TakeResults()
    {
        lock (_listedGate) _listedAddress = _machine.ListedAddress;
        while (_machine.TryTakeEnded(out TrackerExchange? exchange))
        {
            if (exchange!.Status == TrackerExchangeStatus.NoAnswer) HandleSilence();
            else if (exchange is { Status: TrackerExchangeStatus.Refused, Kind: TrackerExchangeKind.Register })
            {
                _logger.LogWarning("The tracker {Tracker} refused to register {Name}: {Reason}.", _tracker, exchange.Registration!.Descriptor.Name, exchange.ErrorReason);
            }

            if (exchange.WantsRelay) TellRelay();
            if (exchange.Registration is { } registration) TellRegistering(registration.Descriptor.Name);
            if (_waiting.TryRemove(exchange, out TaskCompletionSource? waiting)) waiting.TrySetResult();
        }

        while (_machine.TryTakeOffer(out RendezvousOffer? offer)) OfferReceived?.Invoke(offer!);
    }

    // With null, everybody is told: the client ends.
    private void TellRegistering(string? name)
    {
        for (int i = _registering.Count - 1; i >= 0; i--)
        {
            (string waitedFor, TaskCompletionSource<bool> done) = _registering[i];
            if (name is not null && waitedFor != name) continue;
            done.TrySetResult(_machine.IsRegistered(waitedFor));
            _registering.RemoveAt(i);
        }
    }

    private void TellRelay()
    {
        foreach (TaskCompletionSource<RelayGrant?> waiting in _relayWaiters) waiting.TrySetResult(_machine.Relay);
        _relayWaiters.Clear();
    }

    // The next address of the name may do better; a name with one address is simply resolved again.
    private void HandleSilence()
    {
        _logger.LogDebug("The tracker {Tracker} is silent.", _tracker);
        _addressIndex++;
        _hasTracker = false;
        if (_machine.HasRegistrations) _ = ResolveInBackgroundAsync();
    }

    /// <summary>The machine as the loop sees it: what ends in it is handed on after each input, and TCP stands in where UDP does not get through.</summary>
    private sealed class LoopMachine : IDatagramMachine, IDisposable
    {
        private readonly TrackerClient _client;
        private readonly TrackerLine _line;

        public LoopMachine(TrackerClient client)
        {
            _client = client;
            _line = new TrackerLine(client._endpoint, HandleLine, () => client._machine.SendAgain(client.Now));
        }

        public MonotonicTime? Deadline => MonotonicTime.Earlier(_client._machine.Deadline, _line.Deadline);

        public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
        {
            if (source == _client._machine.Tracker) _line.HandleAnswer();
            _client._machine.HandleDatagram(now, source, datagram);
            _client.TakeResults();
        }

        public void HandleTimeout(MonotonicTime now)
        {
            _client._machine.HandleTimeout(now);
            _line.Consider(now, _client._machine.Tracker);
            _client.TakeResults();
        }

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            while (_client._machine.PollTransmit(now, buffer, out transmit))
            {
                if (!_line.TrySend(now, buffer[..transmit.TotalBytes])) return true;
            }

            return false;
        }

        public void Dispose() => _line.Dispose();

        private void HandleLine(TransportAddress source, ReadOnlyMemory<byte> line)
        {
            _client._machine.HandleDatagram(_client.Now, source, line.Span);
            _client.TakeResults();
        }
    }
}
