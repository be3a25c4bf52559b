using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun;

/// <summary>
/// Knows the public address of a socket and notices when it changes: asks several STUN servers at once, when told to and
/// periodically. The first answer counts; answers that differ show a mapping that is not endpoint-independent. The rounds keep the mappings alive, too: where
/// the NAT forgets them between two rounds, the rounds come closer together. Thread-safe.
/// </summary>
public sealed class PublicEndpointWatcher : IAsyncDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly Func<string, CancellationToken, Task<StunBindingResult>> _ask;
    private readonly PublicEndpointWatcherOptions _options;
    private readonly KeepAliveSchedule _schedule;                                  // changed by one round at a time, under the gate
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly List<string> _servers;                                       // those that failed move to the end
    private readonly Dictionary<string, TransportAddress> _resolved = [];          // names that answered need no resolver
    private readonly MappingWitness _witness = new();                              // likewise
    private volatile PublicEndpointStatus _current = new(null, NatMapping.Unknown, StunOutcome.None);
    private TaskCompletionSource<PublicEndpointStatus>? _firstAnswer;
    private Task _rounds = Task.CompletedTask;
    private Task _periodic = Task.CompletedTask;
    private long _roundAt;                                                         // when the last round began
    private TransportAddress? _twoAddressServer;
    private bool _isDisposed;

    /// <summary>Makes a watcher; <see cref="Start"/> begins the periodic rounds.</summary>
    /// <param name="client">A client over the socket to watch; stays the caller's.</param>
    /// <param name="options">How to watch; the defaults when null.</param>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public PublicEndpointWatcher(StunClient client, PublicEndpointWatcherOptions? options = null)
        : this((client ?? throw new ArgumentNullException(nameof(client))).QueryAsync, client.QueryAsync, options, client.Endpoint.Network.Chance)
    {
    }

    internal PublicEndpointWatcher(
        Func<string, CancellationToken, Task<StunBindingResult>> askName,
        Func<TransportAddress, CancellationToken, Task<StunBindingResult>> askAddress,
        PublicEndpointWatcherOptions? options,
        Random? chance = null)
    {
        _options = options ?? new PublicEndpointWatcherOptions();
        _options.Validate();
        _schedule = new KeepAliveSchedule(_options.Period, chance ?? SystemNetwork.Instance.Chance);
        _servers = [.. _options.Servers.Distinct(StringComparer.OrdinalIgnoreCase)];
        _ask = (name, token) =>
        {
            bool known;
            TransportAddress address;
            lock (_gate) known = _resolved.TryGetValue(name, out address);
            return known ? askAddress(address, token) : askName(name, token);
        };
    }

    /// <summary>Is called, on a thread of the pool, when the address or the kind of mapping has changed.</summary>
    public event Action<PublicEndpointStatus>? Changed;

    /// <summary>What is known now.</summary>
    public PublicEndpointStatus Current => _current;

    /// <summary>The present time between rounds. For tests.</summary>
    internal TimeSpan Period
    {
        get
        {
            lock (_gate) return _schedule.Period;
        }
    }

    /// <summary>A server that serves the tests of RFC 5780; null while none is known.</summary>
    internal TransportAddress? TwoAddressServer
    {
        get
        {
            lock (_gate) return _twoAddressServer;
        }
    }

    /// <summary>Begins the periodic rounds, the first at once.</summary>
    /// <exception cref="InvalidOperationException">They have begun already.</exception>
    public void Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_periodic != Task.CompletedTask) throw new InvalidOperationException("The watcher was started already.");
            _periodic = RunPeriodicallyAsync(_stopping.Token);
        }
    }

    /// <summary>Asks now, or waits for the round that asks already; ends with the first answer, or when no server has answered.</summary>
    /// <returns>What is known then; <see cref="PublicEndpointStatus.LastOutcome"/> tells whether this round brought an answer.</returns>
    public Task<PublicEndpointStatus> RefreshAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_firstAnswer is null || _firstAnswer.Task.IsCompleted)
            {
                _firstAnswer = new TaskCompletionSource<PublicEndpointStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
                _rounds = RunRoundAsync(_rounds, _firstAnswer, _stopping.Token);
            }

            return _firstAnswer.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the rounds.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _periodic.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _rounds.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunPeriodicallyAsync(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync(stopping).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // a fault in one round must not end the watch unnoticed
            catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _options.Logger.LogError(e, "A round of questions for the public address failed.");
            }

            await WaitAsync(stopping).ConfigureAwait(false);
        }
    }

    // A round that somebody else asked for meanwhile has kept the mappings alive as well.
    private async Task WaitAsync(CancellationToken stopping)
    {
        TimeSpan wait;
        lock (_gate) wait = _schedule.NextWait();
        while (true)
        {
            TimeSpan left;
            lock (_gate) left = wait - _options.TimeProvider.GetElapsedTime(_roundAt);
            if (left < ShortestWait) return;
            await Task.Delay(left, _options.TimeProvider, stopping).ConfigureAwait(false);
        }
    }

    private async Task RunRoundAsync(Task previous, TaskCompletionSource<PublicEndpointStatus> firstAnswer, CancellationToken stopping)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            await AskAllAsync(firstAnswer, stopping).ConfigureAwait(false);
            firstAnswer.TrySetResult(_current);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            firstAnswer.TrySetCanceled(stopping);
        }
        catch (Exception e)
        {
            firstAnswer.TrySetException(e);
            throw;
        }
    }

    private async Task AskAllAsync(TaskCompletionSource<PublicEndpointStatus> firstAnswer, CancellationToken stopping)
    {
        string[] names;
        TimeSpan patience;
        lock (_gate)
        {
            names = [.. _servers.Take(_options.ServersPerRound)];
            patience = _schedule.Period / 2;
            _roundAt = _options.TimeProvider.GetTimestamp();
        }

        var answers = new List<StunBindingResult>(names.Length);
        StunOutcome failure = StunOutcome.None;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        ITimer? late = null;
        try
        {
            Task<StunBindingResult>[] asks = [.. names.Select(n => AskAsync(n, end.Token, stopping))];
            await foreach (Task<StunBindingResult> ask in Task.WhenEach(asks).WithCancellation(stopping).ConfigureAwait(false))
            {
                StunBindingResult result = await ask.ConfigureAwait(false);
                if (!result.IsSuccess)
                {
                    failure = result.Outcome;
                    continue;
                }

                answers.Add(result);

                // A server that is down must not keep the next round from beginning in time.
                if (late is null && asks.Any(a => !a.IsCompleted)) late = _options.TimeProvider.CreateTimer(_ => end.Cancel(), null, patience, Timeout.InfiniteTimeSpan);
                if (!CanTrustAtOnce(result.MappedAddress)) continue;
                if (answers.Count == 1) Publish(_current with { Address = result.MappedAddress, LastOutcome = StunOutcome.Success });
                firstAnswer.TrySetResult(_current);
            }
        }
        finally
        {
            if (late is not null) await late.DisposeAsync().ConfigureAwait(false);
        }

        EndRound();
        Publish(answers.Count == 0 ? _current with { LastOutcome = failure } : Judge(answers));
    }

    // Behind a NAT that maps each server differently, the answer of another server is no news.
    private bool CanTrustAtOnce(TransportAddress mapped) =>
        _current.Address is not { } known || known == mapped || _current.Mapping != NatMapping.Dependent;

    private PublicEndpointStatus Judge(List<StunBindingResult> answers)
    {
        TransportAddress first = answers[0].MappedAddress;
        bool isStillSeen = _current.Address is { } known && answers.Any(a => a.MappedAddress == known);
        StunBindingResult[] comparable = [.. answers.Where(a => a.MappedAddress.IsIPv4 == first.IsIPv4)];
        NatMapping mapping = comparable.Any(a => a.MappedAddress != first) ? NatMapping.Dependent
            : comparable.DistinctBy(a => a.Server.AddressBits).Count() > 1 ? NatMapping.EndpointIndependent
            : _current.Mapping;
        return new PublicEndpointStatus(isStillSeen ? _current.Address : first, mapping, StunOutcome.Success);
    }

    private async Task<StunBindingResult> AskAsync(string name, CancellationToken end, CancellationToken stopping)
    {
        TimeSpan askedAt = _options.TimeProvider.GetElapsedTime(0);
        StunBindingResult result;
        try
        {
            result = await _ask(name, end).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            result = new StunBindingResult { Outcome = StunOutcome.TimedOut };
        }

        lock (_gate)
        {
            _witness.Handle(name, askedAt, result.IsSuccess ? result.MappedAddress : null);
            if (result.IsSuccess)
            {
                _resolved[name] = result.Server;
                if (result.HasTwoAddressServer) _twoAddressServer = result.Server;
            }
            else
            {
                _resolved.Remove(name);
                _servers.Remove(name);
                _servers.Add(name);
            }
        }

        return result;
    }

    private void EndRound()
    {
        lock (_gate)
        {
            if (!_witness.TryEndRound(out TimeSpan idle, out bool isKept)) return;
            TimeSpan before = _schedule.Period;
            _schedule.HandleRound(idle, isKept);
            if (_schedule.Period != before) _options.Logger.LogDebug("Mappings are kept alive every {Seconds} s.", _schedule.Period.TotalSeconds);
        }
    }

    private void Publish(PublicEndpointStatus status)
    {
        PublicEndpointStatus before = _current;
        _current = status;
        if (before.Address == status.Address && before.Mapping == status.Mapping) return;
        _options.Logger.LogInformation("The public address is {Address}, the mapping {Mapping}.", status.Address, status.Mapping);
        try
        {
            Changed?.Invoke(status);
        }
#pragma warning disable CA1031 // a listener that throws must not end the watch; it is told in the log
        catch (Exception e)
#pragma warning restore CA1031
        {
            _options.Logger.LogError(e, "A listener to changes of the public address threw.");
        }
    }
}
