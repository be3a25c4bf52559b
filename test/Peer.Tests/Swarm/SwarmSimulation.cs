using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Swarm;

/// <summary>Runs a <see cref="DownloadMachine"/> against made-up peers in virtual time, and checks what must always hold.</summary>
internal sealed class SwarmSimulation
{
    private readonly Random _random;
    private readonly ShareLayout _layout;
    private readonly PriorityQueue<Action, (long Micros, int Order)> _events = new();
    private readonly Dictionary<int, SimulatedPeer> _peers = [];
    private readonly HashSet<(VerificationNeed, int)> _known = [];
    private readonly ChunkBitmap _verified;
    private int _order;
    private MonotonicTime _now;

    public SwarmSimulation(int seed, long sizeBytes, int chunkSize, SwarmLimits? limits = null)
    {
        _random = new Random(seed);
        var descriptor = new ShareDescriptor("simulated", ShareKind.File, sizeBytes, chunkSize, default);
        _layout = ShareLayout.OfFile(descriptor);
        _verified = new ChunkBitmap(_layout.ChunkCount);
        Limits = limits ?? new SwarmLimits();
        Machine = new DownloadMachine(_layout, _verified, NeedFor, Limits, _random, _now);
    }

    public DownloadMachine Machine { get; }

    public SwarmLimits Limits { get; }

    public int ChunkCount => _layout.ChunkCount;

    public TimeSpan Elapsed => _now - default(MonotonicTime);

    public int Refreshes { get; private set; }

    public int Requests { get; private set; }

    public long MostBytesInFlight { get; private set; }

    public List<int> FirstChunks { get; } = [];

    /// <summary>Called when the machine wishes for a fresh list of peers.</summary>
    public Action? OnRefresh { get; set; }

    public SimulatedPeer Add(SimulatedPeer peer)
    {
        int number = _peers.Count + 1;
        _peers.Add(number, peer);
        Machine.HandlePeerAdded(_now, number);
        foreach (ChunkRange run in peer.Chunks.Runs) Machine.HandleHave(_now, number, run);
        return peer;
    }

    /// <summary>Runs until done, or until nothing can happen or the time is up; true when done.</summary>
    public bool Run(TimeSpan limit)
    {
        MonotonicTime end = _now + limit;
        Drain();
        while (!Machine.IsDone)
        {
            MonotonicTime? next = Machine.Deadline;
            if (_events.TryPeek(out _, out var at)) next = MonotonicTime.Earlier(next, new MonotonicTime(at.Micros));
            if (next is not { } due || due > end) return false;
            if (due > _now) _now = due;
            if (_events.TryPeek(out _, out at) && at.Micros <= _now.Micros) _events.Dequeue()();
            else Machine.HandleTimeout(_now);
            Drain();
        }

        return true;
    }

    private VerificationNeed NeedFor(int chunk, out int index)
    {
        index = 0;
        if (!_known.Contains((VerificationNeed.GroupRoots, 0))) return VerificationNeed.GroupRoots;
        index = _layout.GroupOf(chunk);
        return _known.Contains((VerificationNeed.HashGroup, index)) ? VerificationNeed.None : VerificationNeed.HashGroup;
    }

    private void Drain()
    {
        while (Machine.PollCommand(_now, out SwarmCommand command)) Do(command);
        MostBytesInFlight = Math.Max(MostBytesInFlight, Machine.BytesInFlight);
    }

    private void Do(SwarmCommand command)
    {
        if (command.Kind == SwarmCommandKind.RefreshPeers)
        {
            Refreshes++;
            OnRefresh?.Invoke();
            return;
        }

        SimulatedPeer peer = _peers[command.Peer];
        Assert.IsFalse(peer.IsBanned, $"peer {command.Peer} was banned and is given {command.Kind}");
        switch (command.Kind)
        {
            case SwarmCommandKind.RequestChunk: Ask(command.Peer, peer, command.Chunk); break;
            case SwarmCommandKind.CancelChunk: peer.Owed.Remove(command.Chunk); break;
            case SwarmCommandKind.RequestMetadata: AskHashes(command, peer); break;
            case SwarmCommandKind.BanPeer: peer.IsBanned = true; break;
            case SwarmCommandKind.DropPeer: peer.IsGone = true; break;
            default: throw new AssertFailedException($"unknown {command}");
        }
    }

    private void Ask(int number, SimulatedPeer peer, int chunk)
    {
        Requests++;
        if (FirstChunks.Count < 32) FirstChunks.Add(chunk);
        Assert.IsTrue(peer.Chunks.Contains(chunk), $"peer {number} was asked for chunk {chunk}, which it does not have");
        Assert.IsFalse(_verified.IsSet(chunk), $"chunk {chunk} was asked for after it was verified");
        Assert.IsTrue(peer.Owed.Add(chunk), $"peer {number} was asked twice for chunk {chunk}");
        if (peer.IsGone || peer.Given >= peer.SilentAfter) return;
        int length = _layout.Locate(chunk).Length;
        MonotonicTime start = _now + peer.Latency;
        if (peer.FreeAt > start) start = peer.FreeAt;
        peer.FreeAt = start + TimeSpan.FromSeconds(length / peer.BytesPerSecond);
        At(peer.FreeAt, () => Arrive(number, peer, chunk, length));
    }

    private void Arrive(int number, SimulatedPeer peer, int chunk, int length)
    {
        if (peer.IsGone || peer.IsBanned || peer.Given >= peer.SilentAfter || !peer.Owed.Remove(chunk)) return;
        if (peer.Given >= peer.DiesAfter)
        {
            peer.IsGone = true;
            Machine.HandlePeerRemoved(_now, number);
            return;
        }

        double chance = _random.NextDouble();
        if (chance < peer.BusyRate + peer.RefuseRate)
        {
            Machine.HandleChunkRefused(_now, number, chunk, isBusy: chance < peer.BusyRate);
            if (chance >= peer.BusyRate) peer.Chunks.Remove(chunk);
            return;
        }

        peer.Given++;
        Machine.HandleBytes(_now, number, length);
        if (!Machine.HandleChunkReceived(_now, number, chunk)) return;
        bool corrupt = _random.NextDouble() < peer.CorruptRate;
        At(_now + TimeSpan.FromMilliseconds(1), () => Judge(number, chunk, corrupt));
    }

    private void Judge(int number, int chunk, bool corrupt)
    {
        if (corrupt)
        {
            Machine.HandleChunkCorrupt(_now, number, chunk);
            return;
        }

        _verified.Set(chunk);
        Machine.HandleChunkVerified(_now, number, chunk);
    }

    private void AskHashes(SwarmCommand command, SimulatedPeer peer)
    {
        Assert.IsFalse(_known.Contains((command.Need, command.Index)), $"{command} asked for twice");
        if (peer.IsGone || peer.Given >= peer.SilentAfter) return;
        At(_now + peer.Latency, () =>
        {
            if (peer.IsGone || peer.IsBanned) return;
            if (peer.LiesAboutHashes)
            {
                Machine.HandleMetadataCorrupt(_now, command.Peer, command.Need, command.Index);
                return;
            }

            _known.Add((command.Need, command.Index));
            Machine.HandleMetadataAccepted(_now, command.Peer, command.Need, command.Index);
        });
    }

    private void At(MonotonicTime time, Action action) => _events.Enqueue(action, (time.Micros, _order++));
}
