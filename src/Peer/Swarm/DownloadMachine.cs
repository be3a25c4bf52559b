using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Swarm;

/// <summary>
/// Decides what to ask of whom until every chunk of a share is verified. Owned by one caller; not thread-safe. A chunk is asked of one peer as
/// a whole, so a corrupt one has one culprit.
/// </summary>
/// <remarks>After each input: drain <see cref="PollCommand"/>, then call <see cref="HandleTimeout"/> at <see cref="Deadline"/>.</remarks>
internal sealed class DownloadMachine
{
    private const int MaxDuplicateSearch = 64;
    private readonly ShareLayout _layout;
    private readonly NeedForChunk _needFor;
    private readonly SwarmLimits _limits;
    private readonly Random _random;
    private readonly ChunkPicker _picker;
    private readonly AskedChunks _asked = new();
    private readonly MetadataRequests _metadata = new();
    private readonly Dictionary<int, PeerState> _peers = [];
    private readonly List<PeerState> _order = [];
    private readonly Queue<SwarmCommand> _commands = new();
    private MonotonicTime _nextRefresh;
    private MonotonicTime _lastTimeout;
    private bool _refreshWanted;
    private bool _scheduleDue = true;

    /// <param name="layout">How the share is cut.</param>
    /// <param name="verified">The chunks that are there already.</param>
    /// <param name="needFor">Tells which hashes are missing.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="now">The present time.</param>
    public DownloadMachine(ShareLayout layout, ChunkBitmap verified, NeedForChunk needFor, SwarmLimits limits, Random random, MonotonicTime now)
    {
        _layout = layout;
        _needFor = needFor;
        _limits = limits;
        _random = random;
        _nextRefresh = now;
        _lastTimeout = now;
        _picker = new ChunkPicker(layout, verified, random);
        BudgetBytes = limits.BudgetBytes;
    }

    /// <summary>How full its tables are. One chunk may be in flight whatever its size.</summary>
    public IEnumerable<TableUse> Tables =>
    [
        new("bytes of chunks in flight", BytesInFlight, Math.Max(_limits.BudgetBytes, _layout.ChunkSize)), new("requests for hashes", _metadata.Count, _limits.MaxMetadataRequests),
    ];

    /// <summary>Whether every chunk is verified.</summary>
    public bool IsDone => _picker.IsDone;

    /// <summary>Chunks that are verified.</summary>
    public int VerifiedCount => _picker.Verified.Count;

    /// <summary>Peers that were added and not removed, dropped or banned.</summary>
    public int PeerCount => _order.Count;

    /// <summary>Most chunk bytes asked for or waiting to be verified; one chunk is always allowed.</summary>
    public long BudgetBytes { get; set; }

    /// <summary>Bytes of chunks asked for or waiting to be verified.</summary>
    public long BytesInFlight => (long)_asked.Holders * _layout.ChunkSize;

    /// <summary>When <see cref="HandleTimeout"/> is next due; null when nothing waits for time.</summary>
    public MonotonicTime? Deadline
    {
        get
        {
            if (IsDone) return null;
            MonotonicTime? next = _metadata.Deadline(_limits.MetadataTimeout);
            foreach (PeerState peer in _order)
            {
                if (peer.Asked.Count > 0) next = MonotonicTime.Earlier(next, peer.LastProgress + _limits.SilenceTimeout);
                if (peer.PausedUntil > _lastTimeout) next = MonotonicTime.Earlier(next, peer.PausedUntil);
            }

            return _refreshWanted || (_asked.Count == 0 && _metadata.Count == 0) ? MonotonicTime.Earlier(next, _nextRefresh) : next;
        }
    }

    /// <summary>Takes a new peer, of which nothing is known yet.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="peer">A number, positive and never used before.</param>
    public void HandlePeerAdded(MonotonicTime now, int peer)
    {
        var state = new PeerState(peer, _layout.ChunkCount, now);
        _peers.Add(peer, state);
        _order.Insert(_random.Next(_order.Count + 1), state);
    }

    /// <summary>
    /// Asks a peer that is only being asked to open the share for a chunk of which neither the hash nor whether the peer has it is known: when both come, in
    /// this order, a round trip is saved. Only the first chunk of all is asked for so.
    /// </summary>
    /// <returns>The chunk; -1 when nothing is asked.</returns>
    public int AskEarly(MonotonicTime now, int peer)
    {
        if (_asked.Count > 0 || VerifiedCount > 0 || !_peers.TryGetValue(peer, out PeerState? state)) return -1;
        int chunk = _picker.TakeEarly();
        if (chunk >= 0) Ask(now, state, chunk);
        return chunk;
    }

    /// <summary>A peer is gone; what was asked of it will be asked of others.</summary>
    public void HandlePeerRemoved(MonotonicTime now, int peer)
    {
        if (!_peers.TryGetValue(peer, out PeerState? state)) return;
        if (state.Asked.Count > 0) WantRefresh();
        Remove(state);
    }

    /// <summary>A peer has chunks.</summary>
    public void HandleHave(MonotonicTime now, int peer, ChunkRange range)
    {
        if (!_peers.TryGetValue(peer, out PeerState? state)) return;
        int end = Math.Min(range.End, _layout.ChunkCount);
        for (int chunk = state.Have.NextClear(range.First); chunk >= 0 && chunk < end; chunk = state.Have.NextClear(chunk + 1))
        {
            state.Have.Set(chunk);
            _picker.AddSource(chunk);
        }

        _scheduleDue = true;
    }

    /// <summary>Bytes of a chunk came.</summary>
    public void HandleBytes(MonotonicTime now, int peer, int bytes)
    {
        if (_peers.TryGetValue(peer, out PeerState? state)) state.Receive(now, bytes);
    }

    /// <summary>A whole chunk came; its memory is held until <see cref="HandleChunkVerified"/> or another verdict.</summary>
    /// <returns>False when it was not asked of this peer (any more): drop it.</returns>
    public bool HandleChunkReceived(MonotonicTime now, int peer, int chunk)
    {
        if (!_peers.TryGetValue(peer, out PeerState? state) || !state.Asked.Remove(chunk)) return false;
        state.NoteProgress(now);
        _scheduleDue = true;
        return true;
    }

    /// <summary>A chunk that <see cref="HandleChunkReceived"/> took proved right.</summary>
    public void HandleChunkVerified(MonotonicTime now, int peer, int chunk)
    {
        _asked.Remove(chunk, peer);
        foreach (int other in _asked.Of(chunk).ToArray())
        {
            // One who gave it too and waits for the verdict is left to that verdict.
            if (!_peers.TryGetValue(other, out PeerState? state) || !state.Asked.Remove(chunk)) continue;
            _asked.Remove(chunk, other);
            _commands.Enqueue(new SwarmCommand(SwarmCommandKind.CancelChunk, other, chunk));
        }

        _picker.Verify(chunk);
        _scheduleDue = true;
    }

    /// <summary>A chunk that <see cref="HandleChunkReceived"/> took proved wrong: its sender lied or is broken.</summary>
    public void HandleChunkCorrupt(MonotonicTime now, int peer, int chunk)
    {
        GiveBack(chunk, peer);
        WantRefresh();
        Ban(peer);
    }

    /// <summary>A chunk that <see cref="HandleChunkReceived"/> took could not be judged, or came too often: it is asked for again if need be.</summary>
    public void HandleChunkDropped(MonotonicTime now, int peer, int chunk) => GiveBack(chunk, peer);

    /// <summary>A peer refuses a chunk that it was asked for.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="isBusy">Whether it only has too much to do; otherwise it is taken not to have the chunk.</param>
    public void HandleChunkRefused(MonotonicTime now, int peer, int chunk, bool isBusy)
    {
        if (!_peers.TryGetValue(peer, out PeerState? state) || !state.Asked.Remove(chunk)) return;
        GiveBack(chunk, peer);
        if (isBusy)
        {
            if (!state.IsPaused(now)) state.Fail(now, _limits);
            if (state.Failures > _limits.MaxFailures) Drop(state, SwarmCommandKind.DropPeer);
            return;
        }

        if (state.Have.Clear(chunk)) _picker.RemoveSource(chunk);
        WantRefresh();
    }

    /// <summary>Hashes came and proved right.</summary>
    public void HandleMetadataAccepted(MonotonicTime now, int peer, VerificationNeed need, int index)
    {
        EndMetadata(now, peer, need, index);
        if (need == VerificationNeed.HashGroup) _picker.Reveal(index);
    }

    /// <summary>Hashes came that are wrong: the peer lied.</summary>
    public void HandleMetadataCorrupt(MonotonicTime now, int peer, VerificationNeed need, int index)
    {
        EndMetadata(now, peer, need, index);
        Ban(peer);
    }

    /// <summary>A peer refuses hashes.</summary>
    public void HandleMetadataRefused(MonotonicTime now, int peer, VerificationNeed need, int index)
    {
        // What the machine did not ask for, or no longer waits for, is no failure.
        if (EndMetadata(now, peer, need, index) && _peers.TryGetValue(peer, out PeerState? state)) FailPeer(now, state);
    }

    /// <summary>A peer broke the protocol: it is not used again.</summary>
    public void HandleMisbehaviour(MonotonicTime now, int peer) => Ban(peer);

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        _lastTimeout = now;
        for (int i = _order.Count - 1; i >= 0; i--)
        {
            PeerState peer = _order[i];
            if (peer.Asked.Count > 0 && now - peer.LastProgress >= _limits.SilenceTimeout) FailPeer(now, peer);
        }

        while (_metadata.FindLate(now, _limits.MetadataTimeout) is > 0 and int late) FailPeer(now, _peers[late]);
        _scheduleDue = true;
    }

    /// <summary>The next thing to do; false when there is none.</summary>
    public bool PollCommand(MonotonicTime now, out SwarmCommand command)
    {
        if (_commands.Count == 0 && _scheduleDue && !IsDone) Schedule(now);
        if (_commands.TryDequeue(out command)) return true;
        if (!_refreshWanted || now < _nextRefresh || IsDone) return false;
        _refreshWanted = false;
        _nextRefresh = now + _limits.RefreshPeriod;
        command = new SwarmCommand(SwarmCommandKind.RefreshPeers, 0);
        return true;
    }

    private void Schedule(MonotonicTime now)
    {
        _scheduleDue = false;
        if (_order.Count > 1)
        {
            // The peer that was first goes to a random place, so that none is always served before others.
            PeerState first = _order[0];
            _order.RemoveAt(0);
            _order.Insert(_random.Next(_order.Count + 1), first);
        }

        AskForHashes(now);
        for (bool any = true; any;)
        {
            any = false;
            foreach (PeerState peer in _order)
            {
                if (!HasBudget || !peer.HasRoom(now, _limits, _layout.ChunkSize)) continue;
                int chunk = _picker.Take(peer.Have);
                if (chunk < 0 && _metadata.Count == 0) chunk = FindDuplicate(now, peer);
                if (chunk < 0) continue;
                Ask(now, peer, chunk);
                any = true;
            }
        }

        if (_asked.Count == 0 && _metadata.Count == 0) WantRefresh();
    }

    private void Ask(MonotonicTime now, PeerState peer, int chunk)
    {
        peer.Ask(now, chunk);
        _asked.Add(chunk, peer.Number);
        _commands.Enqueue(new SwarmCommand(SwarmCommandKind.RequestChunk, peer.Number, chunk));
    }

    private bool HasBudget => _asked.Count == 0 || BytesInFlight + _layout.ChunkSize <= BudgetBytes;

    private void AskForHashes(MonotonicTime now)
    {
        foreach (PeerState peer in _order)
        {
            while (_picker.Ready.Count < _limits.HashAhead && _metadata.Count < _limits.MaxMetadataRequests && !peer.IsPaused(now))
            {
                int chunk = _picker.PeekUnknown(peer.Have);
                if (chunk < 0) break;
                VerificationNeed need = _needFor(chunk, out int index);
                if (need == VerificationNeed.None)
                {
                    _picker.Reveal(_layout.GroupOf(chunk));
                    continue;
                }

                if (_metadata.Contains(need, index)) break;
                _metadata.Add(need, index, peer.Number, now);
                peer.MetadataAsked++;
                _commands.Enqueue(new SwarmCommand(SwarmCommandKind.RequestMetadata, peer.Number, Need: need, Index: index));
            }
        }
    }

    // Near the end, and when a peer is slow, a peer that has nothing else to do is asked for what others owe for longer than it would take.
    private int FindDuplicate(MonotonicTime now, PeerState peer)
    {
        if (peer.Failures > 0) return -1;
        double ours = peer.SecondsOwed(now, _layout.ChunkSize, extraChunks: 1);
        int looked = 0;
        foreach (int chunk in _asked.Chunks)
        {
            if (++looked > MaxDuplicateSearch) break;
            ReadOnlySpan<int> askers = _asked.Of(chunk);
            if (!peer.Have.IsSet(chunk) || askers.Length >= _limits.MaxAskersPerChunk) continue;
            bool isWorth = true;
            foreach (int asker in askers)
            {
                bool waits = _peers.TryGetValue(asker, out PeerState? other) && other.Asked.ContainsKey(chunk);
                isWorth &= waits && asker != peer.Number && IsSlower(now, other!, ours);
            }

            if (isWorth) return chunk;
        }

        return -1;
    }

    private bool IsSlower(MonotonicTime now, PeerState other, double ours)
    {
        double silent = (now - other.LastProgress).TotalSeconds;
        return silent > 1 || other.SecondsOwed(now, _layout.ChunkSize) > (2 * ours) + 0.2;
    }

    private void GiveBack(int chunk, int peer)
    {
        if (_asked.Remove(chunk, peer)) _picker.GiveBack(chunk);
        _scheduleDue = true;
    }

    private bool EndMetadata(MonotonicTime now, int peer, VerificationNeed need, int index)
    {
        bool wasAsked = _metadata.Remove(need, index, peer);
        if (wasAsked && _peers.TryGetValue(peer, out PeerState? state))
        {
            state.MetadataAsked--;
            state.NoteProgress(now);
        }

        _scheduleDue = true;
        return wasAsked;
    }

    private void FailPeer(MonotonicTime now, PeerState peer)
    {
        foreach (int chunk in peer.Asked.Keys)
        {
            _commands.Enqueue(new SwarmCommand(SwarmCommandKind.CancelChunk, peer.Number, chunk));
            GiveBack(chunk, peer.Number);
        }

        peer.Asked.Clear();
        peer.MetadataAsked = 0;
        _metadata.RemoveAllOf(peer.Number);
        peer.Fail(now, _limits);
        WantRefresh();
        if (peer.Failures > _limits.MaxFailures) Drop(peer, SwarmCommandKind.DropPeer);
    }

    private void Ban(int peer)
    {
        if (_peers.TryGetValue(peer, out PeerState? state)) Drop(state, SwarmCommandKind.BanPeer);
    }

    private void Drop(PeerState peer, SwarmCommandKind kind)
    {
        Remove(peer);
        WantRefresh();
        _commands.Enqueue(new SwarmCommand(kind, peer.Number));
    }

    private void Remove(PeerState peer)
    {
        foreach (int chunk in peer.Asked.Keys) GiveBack(chunk, peer.Number);
        _metadata.RemoveAllOf(peer.Number);
        for (int chunk = peer.Have.NextSet(0); chunk >= 0; chunk = peer.Have.NextSet(chunk + 1)) _picker.RemoveSource(chunk);
        _peers.Remove(peer.Number);
        _order.Remove(peer);
        _scheduleDue = true;
    }

    private void WantRefresh() => _refreshWanted = true;
}
