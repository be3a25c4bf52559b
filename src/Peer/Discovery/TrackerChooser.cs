using System.Net;
using System.Net.Sockets;
using CS3103P2P.Peer.Hosting;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace CS3103P2P.Peer.Discovery;

/// <summary>
/// Decides which of a peer's trackers it uses: the first that answers. A silent one gives way to the next address of its name, then to the next name; while
/// another than the first is in use, those before it are looked at from time to time, and the first that answers again is returned to. Why not all at
/// once: docs/decisions/several-trackers.md. Thread-safe.
/// </summary>
internal sealed class TrackerChooser : IDisposable
{
    private const int MaxResolveAttempts = 3;

    private readonly HostAndPort[] _trackers;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Action<TransportAddress> _use;
    private readonly Func<TransportAddress, CancellationToken, Task<bool>> _answers;
    private readonly ResiliencePipeline _resolving;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _hasChosen;
    private int _current;
    private int _addressIndex;
    private long? _movedAt;
    private bool _isReturning;

    /// <param name="trackers">The trackers as <c>host[:port]</c>, best first; at least one.</param>
    /// <param name="timeProvider">The clock of retries and returns.</param>
    /// <param name="logger">Where log lines go.</param>
    /// <param name="use">Called with the address to use from now on.</param>
    /// <param name="answers">Finds out whether a tracker answers.</param>
    /// <exception cref="ArgumentException">A tracker is not <c>host[:port]</c>.</exception>
    public TrackerChooser(
        IReadOnlyList<string> trackers, TimeProvider timeProvider, ILogger logger, Action<TransportAddress> use, Func<TransportAddress, CancellationToken, Task<bool>> answers)
    {
        _trackers = [.. trackers.Select(Parse)];
        _timeProvider = timeProvider;
        _logger = logger;
        _use = use;
        _answers = answers;
        _resolving = new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<SocketException>(e => e.SocketErrorCode == SocketError.TryAgain),
                MaxRetryAttempts = MaxResolveAttempts,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(200),
            })
            .Build();
    }

    /// <summary>How many trackers there are.</summary>
    public int Count => _trackers.Length;

    /// <summary>The one in use, or that is tried next.</summary>
    public HostAndPort Current => _trackers[Volatile.Read(ref _current)];

    /// <summary>Whether there is one in use.</summary>
    public bool HasChosen => _hasChosen;

    /// <summary>Whether another tracker than before came into use a short while ago, so that peers may still be on their way to it.</summary>
    public bool HasJustMoved => _movedAt is { } moved && _timeProvider.GetElapsedTime(moved) < TrackerClientTimings.MovePeriod;

    /// <summary>How often it looks whether a better tracker answers again; tests are less patient.</summary>
    public TimeSpan ReturnPeriod { get; init; } = TrackerClientTimings.ReturnPeriod;

    /// <summary>Sees to it that a tracker is in use.</summary>
    /// <exception cref="P2PException">No tracker's name can be resolved.</exception>
    public async Task ChooseAsync(CancellationToken cancellationToken)
    {
        if (_hasChosen) return;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_hasChosen) return;
            int before = _current;
            Use(before, await FindNextAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The tracker in use is silent: another one is chosen by the next <see cref="ChooseAsync"/>.</summary>
    public void Reject()
    {
        if (!_hasChosen) return;
        _addressIndex++;
        _hasChosen = false;
    }

    /// <summary>The addresses of the trackers that are not in use; those whose names cannot be resolved are left out.</summary>
    public async Task<IReadOnlyList<TransportAddress>> FindOthersAsync(CancellationToken cancellationToken)
    {
        var others = new List<TransportAddress>();
        for (int i = 0; i < _trackers.Length; i++)
        {
            if (i != Volatile.Read(ref _current)) others.AddRange(await ResolveOrNoneAsync(i, cancellationToken).ConfigureAwait(false));
        }

        return others;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _gate.Dispose();
    }

    private static HostAndPort Parse(string text) =>
        HostAndPort.TryParse(text, TrackerLimits.DefaultTrackerPort, out HostAndPort tracker) ? tracker : throw new ArgumentException($"`{text}` is not HOST[:PORT].", nameof(text));

    // The present tracker's next address; after its last one, the first of the next tracker whose name can be resolved.
    private async Task<TransportAddress> FindNextAsync(CancellationToken cancellationToken)
    {
        P2PException? failure = null;
        for (int tried = 0; tried <= _trackers.Length; tried++)
        {
            try
            {
                TransportAddress[] addresses = await ResolveAsync(_current, cancellationToken).ConfigureAwait(false);
                if (_addressIndex < addresses.Length || _trackers.Length == 1) return addresses[_addressIndex % addresses.Length];
            }
            catch (P2PException e)
            {
                failure = e;
            }

            _addressIndex = 0;
            Volatile.Write(ref _current, (_current + 1) % _trackers.Length);
        }

        throw failure ?? new P2PException(P2PErrorReason.TrackerUnreachable, "No tracker can be reached.");
    }

    private void Use(int before, TransportAddress address)
    {
        if (_current != before)
        {
            _movedAt = _timeProvider.GetTimestamp();
            _logger.LogWarning("The tracker {Silent} is silent; {Next} is used instead.", _trackers[before], Current);
        }

        _use(address);
        _hasChosen = true;
        if (_current == 0 || _isReturning) return;
        _isReturning = true;
        _ = ReturnAsync(_stop.Token);
    }

    private async Task ReturnAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(ReturnPeriod, _timeProvider, stop).ConfigureAwait(false);
                if (await TryReturnAsync(stop).ConfigureAwait(false)) return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            _logger.LogDebug("The client has ended; no tracker is looked for any more.");
        }
    }

    private async Task<bool> TryReturnAsync(CancellationToken stop)
    {
        for (int i = 0; i < Volatile.Read(ref _current); i++)
        {
            TransportAddress[] addresses = await ResolveOrNoneAsync(i, stop).ConfigureAwait(false);
            for (int at = 0; at < addresses.Length; at++)
            {
                if (!await _answers(addresses[at], stop).ConfigureAwait(false)) continue;
                await _gate.WaitAsync(stop).ConfigureAwait(false);
                try
                {
                    _logger.LogInformation("The tracker {Tracker} answers again, and is used again.", _trackers[i]);
                    _addressIndex = at;
                    Volatile.Write(ref _current, i);
                    _movedAt = _timeProvider.GetTimestamp();
                    _isReturning = i > 0;
                    Use(i, addresses[at]);
                    return i == 0;
                }
                finally
                {
                    _gate.Release();
                }
            }
        }

        return false;
    }

    private async Task<TransportAddress[]> ResolveOrNoneAsync(int tracker, CancellationToken cancellationToken)
    {
        try
        {
            return await ResolveAsync(tracker, cancellationToken).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            _logger.LogDebug("{Message}", e.Message);
            return [];
        }
    }

    private async Task<TransportAddress[]> ResolveAsync(int tracker, CancellationToken cancellationToken)
    {
        HostAndPort told = _trackers[tracker];
        try
        {
            IPAddress[] addresses = await _resolving.ExecuteAsync(
                async token => await Dns.GetHostAddressesAsync(told.Host, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (addresses.Length == 0) throw new P2PException(P2PErrorReason.TrackerUnreachable, $"The tracker's name {told.Host} has no address.");
            return [.. addresses.Select(address => new TransportAddress(address, told.Port))];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new P2PException(P2PErrorReason.TrackerUnreachable, $"The tracker's name {told.Host} cannot be resolved: {e.Message}", e);
        }
    }
}
