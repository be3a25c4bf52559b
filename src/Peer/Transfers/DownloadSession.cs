using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Transfers;

/// <summary>
/// Runs a <see cref="DownloadMachine"/> on real connections: carries out what it wants, verifies chunks on pool threads while others come in,
/// and tells it what became of them. Thread-safe.
/// </summary>
internal sealed partial class DownloadSession : IFetchListener, IAsyncDisposable
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReportDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan NobodyPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ManifestTimeout = TimeSpan.FromSeconds(15);
    private const int MaxFirstBytes = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly IDownloadContent _content;
    private readonly DownloadSessionOptions _options;
    private readonly MonotonicClock _clock;
    private readonly Dictionary<FetchChannel, SessionPeer> _peers = [];
    private readonly Dictionary<int, SessionPeer> _byNumber = [];
    private readonly List<SessionPeer> _touched = [];
    private readonly Contributions _contributions = new();
    private readonly ChunkBufferPool _buffers;
    private readonly ChunkVerifier _verifier;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly DeadlineTimer _timer;
    private ChunkSet _newlyVerified = new();
    private MonotonicTime _reportAt;
    private ChunkSet? _spareVerified;   // kept for its memory
    private DownloadMachine? _machine;
    private SessionPeer? _manifestPeer;
    private MonotonicTime _manifestAskedAt;
    private int _lastNumber;

    public DownloadSession(IDownloadContent content, DownloadSessionOptions options)
    {
        _content = content;
        _options = options;
        _clock = new MonotonicClock(options.TimeProvider);
        _buffers = new ChunkBufferPool(content.Descriptor.ChunkSize, options.Limits.BudgetBytes, FirstBuffers(content.Descriptor));
        _verifier = new ChunkVerifier(content, _buffers, HandleVerdict, Fail);
        _timer = new DeadlineTimer(options.TimeProvider, _clock, Look);
        LastProgress = _clock.Now;
    }

    /// <summary>Completes when every chunk is verified; fails with a <see cref="StorageException"/> when the disk does.</summary>
    public Task Completion => _done.Task;

    /// <summary>Who gave how much.</summary>
    public Contributions Contributions => _contributions;

    /// <summary>When the last chunk was verified, or the session began.</summary>
    public MonotonicTime LastProgress { get; private set; }

    /// <summary>When the first chunk was verified; null before.</summary>
    public MonotonicTime? FirstVerifiedAt { get; private set; }

    /// <summary>How long nothing has been verified.</summary>
    public TimeSpan SinceProgress => _clock.Now - LastProgress;

    /// <summary>Peers that have the share open for us.</summary>
    public int OpenPeers
    {
        get
        {
            lock (_gate) return _peers.Values.Count(peer => peer.IsOpen);
        }
    }

    /// <summary>Peers with whom the share is open, or being opened.</summary>
    public int PeerCount
    {
        get
        {
            lock (_gate) return _peers.Count;
        }
    }

    /// <summary>Peers that lied.</summary>
    public int Bans { get; private set; }

    /// <summary>Begins. Call once.</summary>
    public void Start()
    {
        lock (_gate) TryBegin();
        _timer.Arm(_clock.Now + FirstLook);
    }

    /// <summary>Sets the most chunk bytes in flight.</summary>
    public void SetBudget(long bytes)
    {
        lock (_gate)
        {
            if (_machine is { } machine) machine.BudgetBytes = bytes;
            BudgetBytes = bytes;
        }
    }

    // As many as one fast peer ever fills: those that wait for their hash, one that comes in, and one between the two.
    private static int FirstBuffers(ShareDescriptor share) =>
        Math.Min(Math.Min(ChunkVerifier.MaxRunning(share) + 2, share.ChunkCount), MaxFirstBytes / share.ChunkSize);

    private long BudgetBytes { get; set; } = long.MaxValue;

    /// <summary>Opens the share with a peer; null when the connection takes no more.</summary>
    public FetchChannel? Add(PeerConnection connection, string trackerName, ReadOnlySpan<byte> proof)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return null;
            if (_peers.Values.FirstOrDefault(known => known.Channel.Connection.RemoteId == connection.RemoteId) is { } same)
            {
                if (same.Channel.Connection == connection || !same.Channel.Connection.IsInDoubt) return null;
                Remove(same);
                Drain();
            }

            if (connection.Fetch.Open(this, trackerName, _content.Descriptor.Root, proof) is not { } channel) return null;
            var peer = new SessionPeer(++_lastNumber, channel);
            channel.PeerNumber = peer.Number;
            _peers.Add(channel, peer);
            _byNumber.Add(peer.Number, peer);
            AskEarly(peer);
            Drain();
            return channel;
        }
    }

    /// <summary>Whether this peer is in use, and not in doubt.</summary>
    public bool Contains(PeerId id)
    {
        lock (_gate) return _peers.Keys.Any(channel => channel.Connection.RemoteId == id && !channel.Connection.IsInDoubt);
    }

    /// <summary>Stops to use a peer by way of a relay, because there is a direct connection with it; what it owes is asked for anew.</summary>
    /// <returns>The relayed connection; null when none is in use.</returns>
    public PeerConnection? LeaveRelay(PeerId id)
    {
        lock (_gate)
        {
            SessionPeer? relayed = _peers.Values.FirstOrDefault(peer => peer.Channel.Connection.RemoteId == id && peer.Channel.Connection.Way.Transport == "relay");
            if (relayed is null) return null;
            Remove(relayed);
            Drain();
            return relayed.Channel.Connection;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        FetchChannel[] channels;
        lock (_gate)
        {
            channels = [.. _peers.Keys];
            _peers.Clear();
            _byNumber.Clear();
        }

        foreach (FetchChannel channel in channels) channel.Close();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _verifier.WaitUntilIdleAsync().ConfigureAwait(false);
        ReportVerified();
        _done.TrySetCanceled();
        _stop.Dispose();
    }

    RateLimiter IFetchListener.Downloads => _options.Downloads;

    ChunkBufferPool IFetchListener.Buffers => _buffers;

    IEnumerable<TableUse> IFetchListener.Tables
    {
        get
        {
            lock (_gate) return [_buffers.Use, .. _machine?.Tables ?? []];
        }
    }

    Task IFetchListener.WaitForRoomAsync() => _verifier.WaitForRoomAsync();

    private void HandleVerdict(ReceivedChunk received, ChunkVerdict verdict)
    {
        lock (_gate)
        {
            Judge(received, verdict);
            Drain();
        }
    }

    private void Judge(ReceivedChunk received, ChunkVerdict verdict)
    {
        int number = received.Peer.Number;
        MonotonicTime now = _clock.Now;
        switch (verdict)
        {
            case ChunkVerdict.Verified:
                LastProgress = now;
                FirstVerifiedAt ??= now;
                NoteVerified(now, received.Chunk);
                _contributions.Add(received.Peer.Channel.Connection, received.Length);
                _options.Metrics.Verified();
                _machine!.HandleChunkVerified(now, number, received.Chunk);
                break;
            case ChunkVerdict.Duplicate:
                _machine!.HandleChunkVerified(now, number, received.Chunk);
                break;
            case ChunkVerdict.Corrupt:
                _options.Metrics.Corrupt();
                _options.Logger.LogWarning("{Peer} sent a wrong chunk {Chunk}.", received.Peer.Channel.Connection, received.Chunk);
                _machine!.HandleChunkCorrupt(now, number, received.Chunk);
                break;
            default:
                _machine!.HandleChunkDropped(now, number, received.Chunk);
                break;
        }

        if (_machine!.IsDone) _done.TrySetResult();
    }

    private bool Accept(MetadataKey key, ReadOnlySpan<byte> data) => key.Kind switch
    {
        MetadataKind.Manifest => _content.TryAcceptManifest(data),
        MetadataKind.GroupRoots => _content.TryAcceptGroupRoots(key.Index, data),
        _ => _content.TryAcceptHashGroup(key.Index, data),
    };

    private void EndHashes(SessionPeer peer, MetadataKey key, bool isGood, bool isRefused)
    {
        VerificationNeed need = key.Kind == MetadataKind.GroupRoots ? VerificationNeed.GroupRoots : VerificationNeed.HashGroup;
        MonotonicTime now = _clock.Now;
        if (isGood) _machine?.HandleMetadataAccepted(now, peer.Number, need, key.Index);
        else if (isRefused) _machine?.HandleMetadataRefused(now, peer.Number, need, key.Index);
        else _machine?.HandleMetadataCorrupt(now, peer.Number, need, key.Index);
    }

    private void EndManifest(SessionPeer peer, bool isGood, bool isRefused)
    {
        if (_manifestPeer == peer) _manifestPeer = null;
        if (!isGood && _content.Layout is null)
        {
            if (isRefused) Remove(peer);
            else Ban(peer);
        }

        TryBegin();
    }

    // Makes the machine as soon as it is known how the share is cut; for that, a directory's manifest is fetched first.
    private void TryBegin()
    {
        if (_machine is not null) return;
        MonotonicTime now = _clock.Now;
        if (_content.Layout is { } layout)
        {
            _machine = new DownloadMachine(layout, _content.SnapshotVerified(), _content.NeedFor, _options.Limits, _options.Random, now);
            _machine.BudgetBytes = Math.Min(_machine.BudgetBytes, BudgetBytes);
            foreach (SessionPeer peer in _peers.Values.Where(peer => peer.IsOpen))
            {
                AddToMachine(peer);
                foreach (ChunkRange run in peer.EarlyHave.Runs) _machine.HandleHave(now, peer.Number, run);
            }

            if (_machine.IsDone) _done.TrySetResult();
            return;
        }

        if (_manifestPeer is not null || _peers.Values.FirstOrDefault(peer => peer.IsOpen) is not { } first) return;
        _manifestPeer = first;
        _manifestAskedAt = now;
        first.Channel.RequestMetadata(new MetadataKey(MetadataKind.Manifest, 0), expectedBytes: 0);
    }

    private void AddToMachine(SessionPeer peer)
    {
        if (_machine is null || peer.IsInMachine) return;
        peer.IsInMachine = true;
        _machine.HandlePeerAdded(_clock.Now, peer.Number);
    }

    // The first chunk, and what it needs, is asked for together with the share, which saves two round trips; the machine's own request for the hashes joins this one.
    private void AskEarly(SessionPeer peer)
    {
        if (_content.Layout is not { ChunkCount: > 0 } layout || _machine is not { VerifiedCount: 0 }) return;
        AddToMachine(peer);
        int chunk = _machine.AskEarly(_clock.Now, peer.Number);
        VerificationNeed need = _content.NeedFor(Math.Max(0, chunk), out int index);
        if (need == VerificationNeed.None) return;
        RequestHashes(layout, peer, new SwarmCommand(SwarmCommandKind.RequestMetadata, peer.Number, Need: need, Index: index));
        if (need != VerificationNeed.GroupRoots || chunk < 0) return;
        RequestHashes(layout, peer, new SwarmCommand(SwarmCommandKind.RequestMetadata, peer.Number, Need: VerificationNeed.HashGroup, Index: layout.GroupOf(chunk)));
    }

    private static void RequestHashes(ShareLayout layout, SessionPeer peer, SwarmCommand asked) =>
        peer.Channel.RequestMetadata(KeyOf(asked), ExpectedBytes(layout, asked));

    // Held: the gate. Orders stay in order because they are carried out under it. Called after every input, which may have brought forward what is due next.
    private void Drain()
    {
        MonotonicTime now = _clock.Now;
        while (_machine is not null && _machine.PollCommand(now, out SwarmCommand command)) Do(command);
        foreach (SessionPeer peer in _touched)
        {
            peer.IsTouched = false;
            peer.Channel.Flush();
        }

        _touched.Clear();
        _timer.Arm(NextLook(now));
    }

    private MonotonicTime? NextLook(MonotonicTime now)
    {
        MonotonicTime? next = _machine?.Deadline;
        if (_manifestPeer is not null) next = MonotonicTime.Earlier(next, _manifestAskedAt + ManifestTimeout);
        if (!_newlyVerified.IsEmpty) next = MonotonicTime.Earlier(next, _reportAt);
        return IsAlone ? MonotonicTime.Earlier(next, now + NobodyPeriod) : next;
    }

    // Nobody is there to ask how the share is cut; the machine asks for peers itself.
    private bool IsAlone => _machine is null && _peers.Count == 0;

    private void Do(SwarmCommand command)
    {
        if (command.Kind == SwarmCommandKind.RefreshPeers)
        {
            _options.OnRefresh?.Invoke();
            return;
        }

        if (!_byNumber.TryGetValue(command.Peer, out SessionPeer? peer)) return;
        ShareLayout layout = _content.Layout!;
        switch (command.Kind)
        {
            case SwarmCommandKind.RequestChunk:
                peer.Channel.Request(command.Chunk, layout.Locate(command.Chunk).Length);
                if (!peer.IsTouched) _touched.Add(peer);
                peer.IsTouched = true;
                break;
            case SwarmCommandKind.CancelChunk:
                peer.Channel.Cancel(command.Chunk);
                break;
            case SwarmCommandKind.RequestMetadata:
                RequestHashes(layout, peer, command);
                break;
            case SwarmCommandKind.BanPeer:
                Ban(peer);
                break;
            case SwarmCommandKind.DropPeer:
                _options.Logger.LogInformation("{Peer} is of no use; leaving it.", peer.Channel.Connection);
                Remove(peer);
                break;
            default:
                throw new InvalidOperationException($"The machine wants {command.Kind}.");
        }
    }

    private static MetadataKey KeyOf(SwarmCommand command) =>
        new(command.Need == VerificationNeed.GroupRoots ? MetadataKind.GroupRoots : MetadataKind.HashGroup, command.Index);

    private static int ExpectedBytes(ShareLayout layout, SwarmCommand command)
    {
        if (command.Need == VerificationNeed.HashGroup) return layout.LocateGroup(command.Index).Chunks.Count * Sha256Digest.SizeInBytes;
        int next = command.Index + 1 < layout.FileCount ? layout.FirstGroupOf(command.Index + 1) : layout.GroupCount;
        return (next - layout.FirstGroupOf(command.Index)) * Sha256Digest.SizeInBytes;
    }

    private void Ban(SessionPeer peer)
    {
        Bans++;
        _options.Logger.LogWarning("{Peer} lied and is banned.", peer.Channel.Connection);
        Remove(peer);
        _options.OnBanned?.Invoke(peer.Channel.Connection);
    }

    private void Remove(SessionPeer peer)
    {
        if (!_peers.Remove(peer.Channel)) return;
        _byNumber.Remove(peer.Number);
        _machine?.HandlePeerRemoved(_clock.Now, peer.Number);
        peer.Channel.Close();
        if (_manifestPeer != peer) return;
        _manifestPeer = null;
        TryBegin();
    }

    private void Look()
    {
        try
        {
            HandleTimeout();
            ReportVerified();
        }
        catch (Exception e)
        {
            // On a pool thread an exception that escapes would end the process.
            _options.Logger.LogError(e, "The download of {Name} fails.", _content.Descriptor.Name);
            _done.TrySetException(e);
        }
    }

    private void HandleTimeout()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            MonotonicTime now = _clock.Now;
            if (_machine?.Deadline is { } due && due <= now) _machine.HandleTimeout(now);
            if (_manifestPeer is { } late && now - _manifestAskedAt >= ManifestTimeout) Remove(late);
            if (IsAlone) _options.OnRefresh?.Invoke();
            Drain();
        }
    }

    // Told in batches: what comes in quick succession is told together.
    private void NoteVerified(MonotonicTime now, int chunk)
    {
        if (_newlyVerified.IsEmpty)
        {
            MonotonicTime soon = now + ReportDelay;
            MonotonicTime inTurn = _reportAt + ReportPeriod;
            _reportAt = soon > inTurn ? soon : inTurn;
        }

        _newlyVerified.Add(chunk);
    }

    private void ReportVerified()
    {
        ChunkSet verified;
        lock (_gate)
        {
            if (_newlyVerified.IsEmpty) return;
            verified = _newlyVerified;
            _newlyVerified = _spareVerified ?? new ChunkSet();
            _spareVerified = null;
        }

        _options.OnVerified?.Invoke(verified);
        verified.Clear();
        lock (_gate) _spareVerified = verified;
    }

    private void Fail(StorageException e)
    {
        _options.Logger.LogError("The download of {Name} fails: {Reason}", _content.Descriptor.Name, e.Message);
        _done.TrySetException(e);
    }
}
