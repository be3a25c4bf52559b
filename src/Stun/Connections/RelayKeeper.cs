using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun.Connections;

/// <summary>Has one relayed address, from the best TURN server that gives one, from the moment on at which it is first needed.</summary>
internal sealed class RelayKeeper : IAsyncDisposable
{
    private const int MaxServers = 8;
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);       // of a better server over the next
    private static readonly TimeSpan PauseAfterUse = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly StunClient _stun;
    private readonly IceTransportOptions _options;
    private readonly TurnDataReceived _received;
    private readonly Action _changed;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<TransportAddress> _peers = [];                            // loop only
    private readonly Lock _gate = new();
    private Task _run = Task.CompletedTask;
    private TurnClient? _client;

    /// <param name="stun">The shared socket.</param>
    /// <param name="options">Where relays come from.</param>
    /// <param name="received">Takes what peers send; called on the loop.</param>
    /// <param name="changed">Called, on any thread, when there is another address or none any more.</param>
    public RelayKeeper(StunClient stun, IceTransportOptions options, TurnDataReceived received, Action changed)
    {
        _stun = stun;
        _options = options;
        _received = received;
        _changed = changed;
    }

    /// <summary>The relayed address; null while there is none.</summary>
    public TransportAddress? Address => Volatile.Read(ref _client)?.RelayedAddress;

    /// <summary>Peers for whom permission was asked; on the loop.</summary>
    public int PeerCount => _peers.Count;

    /// <summary>What the servers said when last asked.</summary>
    public IceRelayState State { get; private set; }

    /// <summary>Begins to ask for an address; harmless when it has begun.</summary>
    public void EnsureStarted()
    {
        if (_options.Relays is null)
        {
            State = IceRelayState.Absent;
            return;
        }

        lock (_gate)
        {
            if (_run == Task.CompletedTask && !_stop.IsCancellationRequested) _run = Task.Run(RunAsync);
        }
    }

    /// <summary>The network may have changed: asks whether the relay still knows this side. One that does not is replaced.</summary>
    public void Verify() => Volatile.Read(ref _client)?.Verify();

    /// <summary>Sends to a peer, after asking for permission the first time; on the loop.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="data">The datagram; what is too long for the relay is lost.</param>
    /// <param name="refused">Called, on any thread, when the relay does not serve the peer.</param>
    public void Send(TransportAddress peer, ReadOnlySpan<byte> data, Action refused)
    {
        if (Volatile.Read(ref _client) is not { } client || data.Length > TurnClientMachine.MaxDataBytes) return;
        if (_peers.Add(peer)) Observe(client.AddPeerAsync(peer, _stop.Token), peer, refused);
        client.Send(peer, data);
    }

    /// <summary>Lets a peer's permission run out; on the loop.</summary>
    public void Forget(TransportAddress peer)
    {
        if (_peers.Remove(peer)) Volatile.Read(ref _client)?.RemovePeer(peer);
    }

    public async ValueTask DisposeAsync()
    {
        Task run;
        lock (_gate)
        {
            run = _run;
            if (_stop.IsCancellationRequested) return;
            _stop.Cancel();
        }

        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            TurnClient? client = await AllocateAsync(_stop.Token).ConfigureAwait(false);
            if (client is not null)
            {
                pause = PauseAfterUse;
                await UseAsync(client).ConfigureAwait(false);
            }

            _changed();
            await Task.Delay(pause, _options.RelayOptions.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause < FirstPause ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task UseAsync(TurnClient client)
    {
        await using (client.ConfigureAwait(false))
        {
            _stun.Endpoint.TryPost(_peers.Clear);
            Volatile.Write(ref _client, client);
            _options.Logger.LogInformation("Reached by relay at {Address}.", client.RelayedAddress);
            _changed();
            await ((Task)client.Ended).WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Volatile.Write(ref _client, null);
        }
    }

    private async Task<TurnClient?> AllocateAsync(CancellationToken stop)
    {
        using var won = CancellationTokenSource.CreateLinkedTokenSource(stop);
        TurnClient? winner = null;
        IceRelayState state = IceRelayState.Absent;
        try
        {
            IReadOnlyList<TurnUri> servers = await _options.Relays!(stop).ConfigureAwait(false);
            Task<TurnAllocateResult>[] attempts = [.. servers.Take(MaxServers).Select((server, rank) => AllocateAsync(server, rank * HeadStart, won.Token))];
            await foreach (Task<TurnAllocateResult> attempt in Task.WhenEach(attempts).ConfigureAwait(false))
            {
                TurnAllocateResult result = await attempt.ConfigureAwait(false);
                if (result.Failure is { } failure) state = RelayStates.Better(state, RelayStates.Of(failure));
                if (result.Client is not { } client) continue;
                if (winner is null) winner = client;
                else await client.DisposeAsync().ConfigureAwait(false);
                await won.CancelAsync().ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // the callback is the embedder's; what it throws costs the relay, not the connection
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!stop.IsCancellationRequested) _options.Logger.LogWarning(e, "No relay could be asked for.");
        }

        State = winner is null ? state : IceRelayState.Ready;
        return winner;
    }

    private async Task<TurnAllocateResult> AllocateAsync(TurnUri server, TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, _options.RelayOptions.TimeProvider, cancellationToken).ConfigureAwait(false);
            TurnAllocateResult result = await TurnClient.AllocateAsync(_stun, server, Receive, _options.RelayOptions, cancellationToken).ConfigureAwait(false);
            if (result.Failure is { } failure) _options.Logger.LogInformation("The relay {Host} gave no address: {Failure}", server.Host, failure);
            return result;
        }
        catch (OperationCanceledException)
        {
            return default;   // another server was faster, or the end came
        }
    }

    // Over TCP, data comes on the connection's own task.
    private void Receive(TransportAddress peer, ReadOnlySpan<byte> data)
    {
        if (_stun.Endpoint.IsOnLoop)
        {
            _received(peer, data);
            return;
        }

        byte[] copy = data.ToArray();
        _stun.Endpoint.TryPost(() => _received(peer, copy));
    }

    private void Observe(Task<TurnFailure?> adding, TransportAddress peer, Action refused) => adding.ContinueWith(
        task =>
        {
            if (task.IsCompletedSuccessfully && task.Result is null) return;
            _stun.Endpoint.TryPost(() => _peers.Remove(peer));
            if (task.IsCompletedSuccessfully) refused();
        },
        CancellationToken.None,
        TaskContinuationOptions.None,
        TaskScheduler.Default);
}
