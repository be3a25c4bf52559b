using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Transfers;

/// <summary>
/// Finds peers for one download and connects with them: those that the tracker lists, those on the local network, and those given by address.
/// Thread-safe.
/// </summary>
internal sealed class PeerFinder : IAsyncDisposable
{
    private const int MaxCandidates = 500;
    private const int MaxPeers = 40;
    private const int MaxDials = 8;
    private const int MaxDialsWithSlow = 32;
    private const int MaxTries = 20;
    private const int MaxDoubtDoublings = 4;
    private static readonly TimeSpan SlowDial = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstDoubtPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IceDelay = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan AddressDelay = TimeSpan.FromMilliseconds(75);
    private static readonly TimeSpan PunchDelay = TimeSpan.FromMilliseconds(400);

    private readonly NodeServices _node;
    private readonly DownloadRequest _request;
    private readonly Sha256Digest? _root;
    private readonly ITrackerClient? _tracker;
    private readonly Func<PeerConnection, bool> _use;
    private readonly Func<PeerId, bool> _isUsed;
    private readonly FailedPeers _failed;
    private readonly MonotonicClock _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<(TransportAddress, PeerId?), PeerCandidate> _candidates = [];
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stop = new();
    private int _dialling;
    private int _slow;   // of those that are dialled
    private int _connected;
    private bool _refreshing;
    private MonotonicTime _nextRefresh;
    private MonotonicTime _nextDoubt;
    private int _doubts;

    /// <param name="node">The node.</param>
    /// <param name="request">What is downloaded.</param>
    /// <param name="root">Its root; null while that is not known.</param>
    /// <param name="tracker">Whom to ask; null for nobody.</param>
    /// <param name="use">Takes a connection into use; false when it is of no use.</param>
    /// <param name="isUsed">Whether a peer is in use already.</param>
    /// <param name="failed">Is told why peers are not reached.</param>
    public PeerFinder(
        NodeServices node, DownloadRequest request, Sha256Digest? root, ITrackerClient? tracker, Func<PeerConnection, bool> use, Func<PeerId, bool> isUsed, FailedPeers failed)
    {
        _node = node;
        _request = request;
        _root = root;
        _tracker = tracker;
        _use = use;
        _isUsed = isUsed;
        _failed = failed;
        _clock = new MonotonicClock(node.Options.TimeProvider);
        _node.Connections.Doubted += HandleDoubt;
    }

    /// <summary>Rounds that are over: asked for peers, and tried all that there were.</summary>
    public int RoundsDone { get; private set; }

    /// <summary>Whether anything is being asked or dialled.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate) return _refreshing || _dialling > 0;
        }
    }

    /// <summary>Peers known so far.</summary>
    public int CandidateCount
    {
        get
        {
            lock (_gate) return _candidates.Count;
        }
    }

    /// <summary>Adds those whom nobody needs to be asked for, and those of a list of the tracker.</summary>
    public void Add(IEnumerable<SwarmPeer> listed)
    {
        foreach (SwarmPeer peer in listed)
        {
            if (peer.Id is not { } id || id == _node.Context.Self) continue;
            AddCandidate(peer.Address, id);
            if (_tracker is not null && _node.Connections.HasIce) AddCandidate(default, id);
            foreach (TransportAddress other in peer.Candidates) AddCandidate(other, id);
        }

        foreach (TransportAddress address in _node.DirectPeers) AddCandidate(address, null);
        foreach (LanPeer peer in _node.LanPeers)
        {
            foreach (TransportAddress address in peer.Addresses) AddCandidate(address, peer.Id);
        }

        DialNext();
    }

    /// <summary>Asks for a fresh list, unless that is under way, and tries again those who could not be reached.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            MonotonicTime now = _clock.Now;
            if (_refreshing || now < _nextRefresh || _stop.IsCancellationRequested) return;
            _refreshing = true;
            _nextRefresh = now + RefreshPeriod;
            Track(RefreshAsync());
        }
    }

    public async ValueTask DisposeAsync()
    {
        _node.Connections.Doubted -= HandleDoubt;
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_gate) running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
        _stop.Dispose();
    }

    // The peer, or we, may have another address now: all ways are tried anew beside the present one. Ever more rarely, since a peer may just be slow.
    private void HandleDoubt(PeerConnection connection)
    {
        lock (_gate)
        {
            MonotonicTime now = _clock.Now;
            bool isKnown = _candidates.Values.Any(candidate => candidate.Id is not { } id || id == connection.RemoteId);
            if (!isKnown || now < _nextDoubt) return;
            _nextDoubt = now + (FirstDoubtPause * (1 << Math.Min(_doubts++, MaxDoubtDoublings)));
            RoundsDone++;
        }

        _node.Logger.LogInformation("{Peer} has fallen silent; trying other ways.", connection);
        DialNext();
        Refresh();
    }

    private async Task RefreshAsync()
    {
        await Task.Yield();
        IReadOnlyList<SwarmPeer> listed = [];
        try
        {
            if (_tracker is not null)
            {
                listed = (await _tracker.LookupAsync(_request.TrackerName, _root, refresh: true, _stop.Token).ConfigureAwait(false)).Peers;
            }
        }
        catch (Exception e) when (e is P2PException or OperationCanceledException)
        {
            _node.Logger.LogInformation("No fresh list of peers: {Reason}", e.Message);
        }

        lock (_gate)
        {
            _refreshing = false;
            RoundsDone++;
        }

        Add(listed);
    }

    private void AddCandidate(TransportAddress address, PeerId? id)
    {
        lock (_gate)
        {
            if (_candidates.Count < MaxCandidates && (address.Port != 0 || address == default)) _candidates.TryAdd((address, id), new PeerCandidate(address, id));
        }
    }

    // Who is in use is asked before the gate is taken: the session asks for a fresh list while it holds its own.
    private void DialNext()
    {
        PeerCandidate[] candidates;
        lock (_gate) candidates = [.. _candidates.Values];
        var free = candidates.Where(candidate => candidate.Id is not { } id || !_isUsed(id))
            .Select(candidate => (Candidate: candidate, IsThere: candidate.Id is { } id && _node.Connections.IsConnected(id)))
            .OrderByDescending(one => one.IsThere).ThenBy(one => one.Candidate.Tries).ToArray();
        lock (_gate)
        {
            foreach ((PeerCandidate candidate, bool isThere) in free)
            {
                if (_stop.IsCancellationRequested || !HasRoom(isThere)) return;
                if (candidate.IsDialling || candidate.Tries > Math.Min(RoundsDone, MaxTries)) continue;
                candidate.Rank = candidate.Id is null || candidate.ByIce ? 0 : candidates.Count(other => other.Id == candidate.Id && other is { IsDialling: true, ByIce: false });
                candidate.IsDialling = true;
                candidate.Tries++;
                _dialling++;
                Track(DialAsync(candidate));
            }
        }
    }

    // Held: the gate. Peers that have died are listed until their leases end: as long as nobody is connected, whoever does not answer at once holds up nobody else.
    private bool HasRoom(bool isThere)
    {
        if (_connected + _dialling >= MaxPeers) return false;
        return isThere || (_dialling - (_connected == 0 ? _slow : 0) < MaxDials && _dialling < MaxDialsWithSlow);
    }

    private async Task DialAsync(PeerCandidate candidate)
    {
        await Task.Yield();
        bool isSlow = false;
        try
        {
            Task<ConnectOutcome> reaching = ReachAsync(candidate);
            if (await Task.WhenAny(reaching, Task.Delay(SlowDial, _node.Context.TimeProvider, _stop.Token)).ConfigureAwait(false) != reaching)
            {
                isSlow = true;
                lock (_gate) _slow++;
                DialNext();
            }

            ConnectOutcome outcome = await reaching.ConfigureAwait(false);
            if (outcome.Failure is { } failure && !IsMoot(candidate, failure)) _failed.Add(failure);
            if (outcome.Connection is { } connection && !_isUsed(connection.RemoteId) && _use(connection))
            {
                _failed.Forget(connection.RemoteId);
                lock (_gate) _connected++;
                _ = connection.Completion.ContinueWith(
                    _ =>
                    {
                        lock (_gate) _connected--;
                    },
                    CancellationToken.None,
                    TaskContinuationOptions.None,
                    TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            _node.Logger.LogDebug("Dialling {Address} was given up.", candidate.Address);
        }
        finally
        {
            lock (_gate)
            {
                candidate.IsDialling = false;
                _dialling--;
                if (isSlow) _slow--;
            }
        }

        DialNext();
    }

    // One of several ways failed: as long as ICE has not said whether there is another, it means nothing.
    private bool IsMoot(PeerCandidate candidate, ConnectFailure failure)
    {
        if (candidate.Id is not { } id) return false;
        if (_isUsed(id)) return true;
        if (candidate.ByIce || failure.Reason == ConnectFailureReason.IdentityWrong) return false;
        lock (_gate) return _candidates.TryGetValue((default, id), out PeerCandidate? byIce) && (byIce.IsDialling || byIce.Tries == 0);
    }

    // ICE costs the tracker messages, so a peer that is reached just so is spared it.
    private async Task<ConnectOutcome> ReachAsync(PeerCandidate candidate)
    {
        if (candidate is { ByIce: true, Id: { } id })
        {
            if (MayBeNear(id)) await Task.Delay(IceDelay, _node.Context.TimeProvider, _stop.Token).ConfigureAwait(false);
            return _isUsed(id) ? default : await ReachByIceAsync(id).ConfigureAwait(false);
        }

        // A peer's addresses are tried one after the other, each a little later, so that one that is reached at once costs one handshake.
        if (candidate is { Rank: > 0, Id: { } known })
        {
            await Task.Delay(AddressDelay * candidate.Rank, _node.Context.TimeProvider, _stop.Token).ConfigureAwait(false);
            if (_isUsed(known)) return default;
        }

        bool besideIce = candidate.Id is not null && _tracker is not null && _node.Connections.HasIce;
        Task<ConnectOutcome> dialling = _node.Connections.GetAsync(candidate.Address, candidate.Id, besideIce, _stop.Token);
        await PunchWhenSlowAsync(candidate, dialling).ConfigureAwait(false);
        return await dialling.ConfigureAwait(false);
    }

    // Elsewhere, no plain connection is made within the delay.
    private bool MayBeNear(PeerId id)
    {
        if (_node.Addresses.Current is not { } seen) return true;
        lock (_gate) return _candidates.Values.Any(other => other.Id == id && !other.ByIce && (other.Address.IsLoopback || other.Address.WithPort(0) == seen.WithPort(0)));
    }

    // A connection that the peer makes meanwhile, because it can reach us by TCP, is as good.
    private async Task<ConnectOutcome> ReachByIceAsync(PeerId id)
    {
        var adopted = new TaskCompletionSource<PeerConnection?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        _node.Connections.Adopted += Handle;
        try
        {
            if (_node.Traversal.LooksBlocked) _node.Traversal.Tcp?.Start(id, _node.Traversal.SenderBy(_tracker!));
            Task<ConnectOutcome> byIce = _node.Connections.GetByIceAsync(id, _node.Traversal.SenderBy(_tracker!), () => !_isUsed(id), end.Token);
            if (await Task.WhenAny(byIce, adopted.Task).ConfigureAwait(false) == byIce) return await byIce.ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false);
            await ((Task)byIce).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await adopted.Task.ConfigureAwait(false);
        }
        finally
        {
            _node.Connections.Adopted -= Handle;
        }

        void Handle(PeerConnection connection)
        {
            if (connection.RemoteId == id) adopted.TrySetResult(connection);
        }
    }

    // A peer behind a NAT may reach us where we cannot reach it; without ICE, both must dial at the same time. The tracker passes the wish on.
    private async Task PunchWhenSlowAsync(PeerCandidate candidate, Task dialling)
    {
        bool canReachUs = _node.Addresses.IsPublic;
        if (_tracker is null || candidate.Id is not { } id || (_node.Connections.HasIce && !canReachUs)) return;
        TimeSpan delay = canReachUs ? TimeSpan.Zero : PunchDelay;
        Task wait = Task.Delay(delay, _node.Context.TimeProvider, _stop.Token);
        if (await Task.WhenAny(dialling, wait).ConfigureAwait(false) == dialling) return;
        try
        {
            await _tracker.SendOfferAsync(id, PunchOffer.Bytes, _stop.Token).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            _node.Logger.LogDebug("The offer to {Peer} was not passed on: {Reason}", id, e.Message);
        }
    }

    // Held: the gate.
    private void Track(Task task)
    {
        _running.Add(task);
        _ = task.ContinueWith(
            done =>
            {
                lock (_gate) _running.Remove(done);
                if (done.Exception is { } e) _node.Logger.LogError(e, "Looking for peers of {Name} failed.", _request.TrackerName);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }
}
