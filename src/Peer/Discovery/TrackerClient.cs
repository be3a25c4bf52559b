using System.Collections.Concurrent;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Discovery;

/// <summary>The tracker client on a peer's socket: a <see cref="TrackerClientMachine"/> on the loop, tasks for those who ask.</summary>
internal sealed class TrackerClient : ITrackerClient
{
    private static readonly TimeSpan MovedRetryPeriod = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(2);

    private readonly DatagramEndpoint _endpoint;
    private readonly TrackerClientMachine _machine;
    private readonly LoopMachine _loop;
    private readonly TrackerChooser _chooser;
    private readonly TrackerScout _scout;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<TrackerExchange, TaskCompletionSource> _waiting = new();
    private readonly List<(string Name, TaskCompletionSource<bool> Done)> _registering = [];   // touched on the loop alone
    private readonly List<TaskCompletionSource<RelayGrant?>> _relayWaiters = [];                // touched on the loop alone
    private readonly Lock _listedGate = new();
    private TransportAddress? _listedAddress;
    private ChunkSet? _spareChunks;   // kept for its memory

    /// <summary>Makes a client on a socket whose <see cref="DatagramKind.Tracker"/> is free.</summary>
    /// <param name="endpoint">The peer's socket.</param>
    /// <param name="self">This peer.</param>
    /// <param name="trackers">The trackers as <c>host[:port]</c>, best first; at least one.</param>
    /// <param name="timeProvider">The clock of retries.</param>
    /// <param name="logger">Where log lines go.</param>
    /// <param name="returnPeriod">How often it looks whether a better tracker answers again; null for the default.</param>
    public TrackerClient(
        DatagramEndpoint endpoint, PeerId self, IReadOnlyList<string> trackers, TimeProvider timeProvider, ILogger logger, TimeSpan? returnPeriod = null)
    {
        _endpoint = endpoint;
        _logger = logger;
        _timeProvider = timeProvider;
        _machine = new TrackerClientMachine(self, new Random(endpoint.Network.Chance.Next())) { IsQuick = trackers.Count > 1 };
        _scout = new TrackerScout(endpoint, self);
        _chooser = new TrackerChooser(trackers, timeProvider, logger, Use, _scout.AnswersAsync) { ReturnPeriod = returnPeriod ?? TrackerClientTimings.ReturnPeriod };
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

    /// <summary>How full its tables are; on the loop, or while it stands.</summary>
    internal IEnumerable<TableUse> Tables => _machine.Tables;

    private MonotonicTime Now => _endpoint.Clock.Now;

    /// <inheritdoc/>
    public async Task<SwarmListing> LookupAsync(string name, Sha256Digest? root, bool refresh, CancellationToken cancellationToken)
    {
        while (true)
        {
            TrackerExchange exchange = await AskAsync(NewLookup, cancellationToken).ConfigureAwait(false);
            SwarmListing listing = exchange.Listing.ToListing();
            if (refresh || _chooser.Count == 1 || listing is not { Descriptor: null, Peers.Count: 0 }) return listing;
            if (await AskOthersAsync(NewLookup, cancellationToken).ConfigureAwait(false) is { } found) return found;
            if (!_chooser.HasJustMoved) return listing;
            await Task.Delay(MovedRetryPeriod, _timeProvider, cancellationToken).ConfigureAwait(false);
        }

        TrackerExchange NewLookup() => new(TrackerExchangeKind.Lookup) { Name = name, Root = root, IsUpdate = refresh };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        TrackerExchange exchange = await AskAsync(() => new TrackerExchange(TrackerExchangeKind.List), cancellationToken).ConfigureAwait(false);
        return exchange.Names;
    }

    /// <inheritdoc/>
    public async Task<FileSummary?> FindAsync(string name, CancellationToken cancellationToken)
    {
        TrackerExchange exchange = await AskAsync(() => new TrackerExchange(TrackerExchangeKind.Find) { Name = name }, cancellationToken).ConfigureAwait(false);
        return exchange.IsFound ? new FileSummary(name, exchange.Listing.Descriptor, exchange.PeerCount) : null;
    }

    /// <inheritdoc/>
    public void Announce(Registration registration)
    {
        ChunkSet chunks = Interlocked.Exchange(ref _spareChunks, null) ?? new ChunkSet();
        chunks.UnionWith(registration.Chunks);
        Registration copy = registration with { Chunks = chunks };
        _ = ResolveInBackgroundAsync();
        _endpoint.TryPost(() =>
        {
            if (!_machine.Announce(Now, copy)) _logger.LogError("Too many shares: {Name} is not registered with the tracker.", copy.Descriptor.Name);

            // The machine took a copy.
            chunks.Clear();
            Volatile.Write(ref _spareChunks, chunks);
        });
    }

    /// <inheritdoc/>
    public async Task<bool> WaitUntilRegisteredAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await _chooser.ChooseAsync(cancellationToken).ConfigureAwait(false);
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
        TrackerExchange exchange = await RunAsync(() => new TrackerExchange(TrackerExchangeKind.Offer) { To = to, Offer = offer }, cancellationToken).ConfigureAwait(false);
        if (exchange is { Status: TrackerExchangeStatus.Refused, ErrorCode: TrackerErrorCode.NotFound }) return false;
        ThrowUnlessAnswered(exchange);
        return true;
    }

    /// <inheritdoc/>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (!_chooser.HasChosen) return;
        var exchange = new TrackerExchange(TrackerExchangeKind.Leave);
        using var timeout = new CancellationTokenSource(LeaveTimeout, _endpoint.TimeProvider);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await WaitAsync(exchange, machine => machine.Leave(Now, exchange), deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.LogDebug("The tracker {Tracker} did not confirm the exit; the lease ends by itself.", _chooser.Current);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _endpoint.Detach(DatagramKind.Tracker);
        _loop.Dispose();
        _chooser.Dispose();
        _scout.Dispose();
        _endpoint.TryPost(() =>
        {
            TellRegistering(null);
            TellRelay();
        });
        foreach (TaskCompletionSource waiting in _waiting.Values) waiting.TrySetException(new ObjectDisposedException(nameof(TrackerClient)));
        return ValueTask.CompletedTask;
    }

    private async Task<TrackerExchange> AskAsync(Func<TrackerExchange> create, CancellationToken cancellationToken)
    {
        TrackerExchange exchange = await RunAsync(create, cancellationToken).ConfigureAwait(false);
        ThrowUnlessAnswered(exchange);
        return exchange;
    }

    // Every tracker gets a short while, and when none has used it, each one a long one.
    private async Task<TrackerExchange> RunAsync(Func<TrackerExchange> create, CancellationToken cancellationToken)
    {
        int quick = _chooser.Count > 1 ? _chooser.Count : 0;
        int patient = _chooser.Count;
        for (int attempt = 1; ; attempt++)
        {
            await _chooser.ChooseAsync(cancellationToken).ConfigureAwait(false);
            TrackerExchange exchange = create();
            exchange.IsQuick = attempt <= quick;
            await WaitAsync(exchange, machine => machine.Start(Now, exchange), cancellationToken).ConfigureAwait(false);
            if (exchange.Status != TrackerExchangeStatus.NoAnswer || attempt >= quick + patient) return exchange;
        }
    }

    // A peer that cannot reach the tracker that this one uses is registered with another.
    private async Task<SwarmListing?> AskOthersAsync(Func<TrackerExchange> create, CancellationToken cancellationToken)
    {
        foreach (TransportAddress other in await _chooser.FindOthersAsync(cancellationToken).ConfigureAwait(false))
        {
            TrackerExchange exchange = create();
            if (!await _scout.AskAsync(other, exchange, cancellationToken).ConfigureAwait(false)) continue;
            if (exchange.Listing.ToListing() is { Peers.Count: > 0 } found) return found;
        }

        return null;
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
            ? new P2PException(P2PErrorReason.TrackerRefused, $"The tracker {_chooser.Current} refused: {exchange.ErrorReason} ({(int)exchange.ErrorCode}).")
            : new P2PException(P2PErrorReason.TrackerUnreachable, $"The tracker {_chooser.Current} did not answer. Is it running, and is UDP or TCP to it open?");
    }

    private async Task ResolveInBackgroundAsync()
    {
        try
        {
            await _chooser.ChooseAsync(CancellationToken.None).ConfigureAwait(false);
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

    private void Use(TransportAddress tracker) => _endpoint.TryPost(() => _machine.SetTracker(Now, tracker));

    // On the loop, after each input.
    private void TakeResults()
    {
        lock (_listedGate) _listedAddress = _machine.ListedAddress;
        while (_machine.TryTakeEnded(out TrackerExchange? exchange))
        {
            if (exchange!.Status == TrackerExchangeStatus.NoAnswer) HandleSilence();
            else if (exchange is { Status: TrackerExchangeStatus.Refused, Kind: TrackerExchangeKind.Register })
            {
                _logger.LogWarning("The tracker {Tracker} refused to register {Name}: {Reason}.", _chooser.Current, exchange.Registration!.Descriptor.Name, exchange.ErrorReason);
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

    // The next address of the name, or the next tracker, may do better; a single name with one address is simply resolved again.
    private void HandleSilence()
    {
        _logger.LogDebug("The tracker {Tracker} is silent.", _chooser.Current);
        _chooser.Reject();
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

        public MonotonicTime? Deadline => MonotonicTime.Earlier(MonotonicTime.Earlier(_client._machine.Deadline, _client._scout.Deadline), _line.Deadline);

        public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
        {
            if (source == _client._machine.Tracker) _line.HandleAnswer();
            _client._machine.HandleDatagram(now, source, datagram);
            _client._scout.HandleDatagram(now, source, datagram);
            _client.TakeResults();
        }

        public void HandleTimeout(MonotonicTime now)
        {
            _client._machine.HandleTimeout(now);
            _client._scout.HandleTimeout(now);
            _line.Consider(now, _client._machine.Tracker);
            _client.TakeResults();
        }

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            while (_client._machine.PollTransmit(now, buffer, out transmit))
            {
                if (!_line.TrySend(now, buffer[..transmit.TotalBytes])) return true;
            }

            return _client._scout.PollTransmit(now, buffer, out transmit);
        }

        public void Dispose() => _line.Dispose();

        private void HandleLine(TransportAddress source, ReadOnlyMemory<byte> line)
        {
            _client._machine.HandleDatagram(_client.Now, source, line.Span);
            _client.TakeResults();
        }
    }
}
