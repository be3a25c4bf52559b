using System.Diagnostics;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>
/// One tracker, one relay and a large swarm of homes that download one file. Tracker, relay and their clients are the product's, datagram by datagram; how
/// two homes connect is drawn from what whole nodes did in the pair lab; data flows like water. Peers come, fetch, share on, and leave.
/// </summary>
internal sealed class ScaleRun
{
    private const double SeedShare = 0.01;
    private const double FinishedReturns = 0.02;   // of those that leave with all of it, so many come back as a source
    private static readonly TimeSpan Arrivals = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AnnouncePeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GoodBye = TimeSpan.FromSeconds(4);
    private readonly ScaleSetting _setting;
    private readonly PairTable _pairs;
    private readonly NodeProbe _node;
    private readonly World _world;
    private readonly VirtualRelay _relay;
    private readonly VirtualTracker _tracker;
    private readonly ShareDescriptor _descriptor;
    private readonly List<ScalePeer> _peers = [];
    private readonly Dictionary<PeerId, ScalePeer> _byId = [];
    private readonly Queue<(Transport.MonotonicTime At, ScalePeer Peer)> _leaving = new();
    private readonly ScaleTotals _totals = new();
    private readonly ScaleDialer _dialer;
    private readonly ScaleFlow _flow;
    private readonly Random _random;
    private readonly long _memoryBefore = ManagedMemory.InUse();
    private int _arrived;
    private long _requestsBefore;
    private double _requestPeak;

    public ScaleRun(ScaleSetting setting, PairTable pairs, NodeProbe node)
    {
        (_setting, _pairs, _node) = (setting, pairs, node);
        _world = new World(setting.Seed, null);
        _random = _world.Fork();
        var server = new LinkProfile { UpBytesPerSecond = 125_000_000, DownBytesPerSecond = 125_000_000, QueueBytes = 64_000_000 };
        _relay = new VirtualRelay(_world, server, new TurnServerOptions { SharedSecret = VirtualRelay.Secret, MaxAllocations = setting.RelayAllocations });
        _tracker = new VirtualTracker(_world, server, _relay, TimeSpan.FromMinutes(2), hasStoppedClock: false);
        _descriptor = new ShareDescriptor(ScaleDialer.ShareName, ShareKind.File, (long)setting.Chunks * setting.ChunkBytes, setting.ChunkBytes, Sha256Digest.Of("big"u8));
        _dialer = new ScaleDialer(_world, _totals, pairs, setting, id => _byId.GetValueOrDefault(id));
        _flow = new ScaleFlow(_totals, setting);
    }

    /// <summary>Runs for as long as the setting says.</summary>
    public async Task<ScaleResult> RunAsync()
    {
        long started = Stopwatch.GetTimestamp();
        while (_world.Time.Now.Micros < _setting.Duration.TotalMicroseconds)
        {
            Arrive();
            await _world.RunAsync(_world.Time.Now + _setting.Step);
            Step();
        }

        double seconds = _setting.Duration.TotalSeconds;
        long requests = _tracker.Core!.Counters.Requests;
        int attempts = Math.Max(1, _totals.Direct + _totals.Relayed + _totals.Failed);
        ScaleMemory memory = await MeasureMemoryAsync();
        return new ScaleResult
        {
            Setting = _setting,
            Finished = _totals.CrowdDownloads.Count + _totals.Downloads.Count,
            CrowdMedianSeconds = ScaleTotals.Median(_totals.CrowdDownloads),
            CrowdBoundSeconds = ScaleTotals.Median(_totals.CrowdBounds),
            MedianSeconds = ScaleTotals.Median(_totals.Downloads),
            BoundSeconds = ScaleTotals.Median(_totals.Bounds),
            TrackerMessagesPerPeerHour = requests / (_totals.PeerSeconds / 3_600),
            TrackerRequestsPerSecond = requests / seconds,
            TrackerRequestPeak = _requestPeak,
            Attempts = attempts,
            DirectShare = (double)_totals.Direct / attempts,
            RelayedShare = (double)_totals.Relayed / attempts,
            FailedShare = (double)_totals.Failed / attempts,
            Gone = _totals.Gone,
            RelayedBytes = _totals.RelayedBytes,
            UpkeepBytes = _totals.UpkeepBytes,
            RelayedShareOfBytes = (_totals.RelayedBytes - _totals.UpkeepBytes) / Math.Max(1, _totals.MovedBytes),
            RelayPeakBytesPerSecond = _totals.RelayPeak,
            AllocationPeak = _totals.AllocationPeak,
            StunRequestsPerSecond = _totals.Questions / seconds,
            StunRequestPeak = _totals.QuestionPeak,
            Memory = memory,
            WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    private void Arrive()
    {
        double due = _setting.Peers * Math.Min(1, (_world.Time.Now.Micros + _setting.Step.TotalMicroseconds) / Arrivals.TotalMicroseconds);
        for (; _arrived < due; _arrived++)
        {
            // The sources come first.
            _peers.Add(Come(isSeed: _arrived < Math.Max(1, _setting.Peers * SeedShare)));
        }
    }

    private ScalePeer Come(bool isSeed)
    {
        int kind = HomeKind.Draw(_random);
        double up = 125_000 * Math.Pow(2, _random.Next(1, 6));
        var link = new LinkProfile { Delay = TimeSpan.FromMilliseconds(_random.Next(5, 40)) };
        var host = new VirtualHost(_world, "home", link, new Site(_world.Network, HomeKind.All[kind].Nat, _world.Fork()));
        var socket = new MachineSocket(_world, host, 6881);
        byte[] id = new byte[PeerId.SizeInBytes];
        _random.NextBytes(id);
        var port = new TrackerPort(_world, socket, new PeerId(id), _tracker.Address, static _ => { });
        socket.BeforeDrain = port.BeforeDrain;
        double session = -Math.Log(1 - _random.NextDouble()) * _setting.MedianSession.TotalSeconds / Math.Log(2);
        var peer = new ScalePeer(host, socket, port, new PeerId(id), kind, up)
        {
            Have = isSeed ? _setting.Chunks : 0,
            IsBoundMet = isSeed,
            IsOfCrowd = _world.Time.Now.Micros < Arrivals.TotalMicroseconds,
            StartedAt = _world.Time.Now,
            LeavesAt = _world.Time.Now + TimeSpan.FromSeconds(session),
        };
        port.Machine.KeepPresent(_world.Time.Now);
        _world.Touch(socket);
        if (isSeed) port.Announce(new Registration(_descriptor, new ChunkSet(new ChunkRange(0, _setting.Chunks))));
        _byId.Add(peer.Id, peer);
        return peer;
    }

    private void Step()
    {
        for (int i = 0; i < _peers.Count; i++)
        {
            ScalePeer peer = _peers[i];
            if (peer.Have < _setting.Chunks) _dialer.Step(peer);
            _dialer.KeepRelay(peer);
        }

        _flow.Run(_world.Time.Now, _peers);
        double questions = 0;
        for (int i = 0; i < _peers.Count; i++)
        {
            ScalePeer peer = _peers[i];
            questions += QuestionsOf(peer);
            if (peer.Have < _setting.Chunks) Advance(peer);
            if (peer.LeavesAt > _world.Time.Now) continue;
            Go(peer);
            _peers[i] = Come(isSeed: peer.Have == _setting.Chunks && _random.NextDouble() < FinishedReturns);
        }

        while (_leaving.TryPeek(out var next) && next.At <= _world.Time.Now) Close(_leaving.Dequeue().Peer);
        Count(questions);
    }

    private void Count(double questions)
    {
        double seconds = _setting.Step.TotalSeconds;
        _totals.PeerSeconds += _peers.Count * seconds;
        _totals.Questions += questions;
        _totals.QuestionPeak = Math.Max(_totals.QuestionPeak, questions / seconds);
        _totals.AllocationPeak = Math.Max(_totals.AllocationPeak, _relay.AllocationCount);
        long requests = _tracker.Core!.Counters.Requests;
        _requestPeak = Math.Max(_requestPeak, (requests - _requestsBefore) / seconds);
        _requestsBefore = requests;
    }

    private double QuestionsOf(ScalePeer peer)
    {
        bool isNew = _world.Time.Now - peer.StartedAt <= _setting.Step;
        if (isNew) return _pairs.FirstQuestions;
        return (peer.Have < _setting.Chunks ? _pairs.QuestionsPerSecond : _node.QuestionsPerSecond) * _setting.Step.TotalSeconds;
    }

    private void Advance(ScalePeer peer)
    {
        int have = (int)Math.Min(_setting.Chunks, peer.Bytes / _setting.ChunkBytes);
        bool isDone = have == _setting.Chunks;
        bool isDue = isDone || peer.LastAnnounce is not { } last || _world.Time.Now - last >= AnnouncePeriod;
        if (have == peer.Have) return;
        peer.Have = have;
        if (isDue) peer.Tracker.Announce(new Registration(_descriptor, new ChunkSet(new ChunkRange(0, have))));
        if (isDue) peer.LastAnnounce = _world.Time.Now;
        if (!isDone) return;
        (peer.IsOfCrowd ? _totals.CrowdDownloads : _totals.Downloads).Add((_world.Time.Now - peer.StartedAt).TotalSeconds);
        while (peer.Sources.Count > 0) ScaleDialer.End(peer.Sources[^1]);
    }

    private void Go(ScalePeer peer)
    {
        _byId.Remove(peer.Id);
        while (peer.Sources.Count > 0) ScaleDialer.End(peer.Sources[^1]);
        while (peer.Sinks.Count > 0) ScaleDialer.End(peer.Sinks[^1]);
        if (_random.Next(100) >= _setting.PolitePercent)
        {
            Close(peer);
            return;
        }

        peer.Relay?.Close();
        peer.Tracker.Machine.Leave(_world.Time.Now, new TrackerExchange(TrackerExchangeKind.Leave));
        _world.Touch(peer.Socket);
        _leaving.Enqueue((_world.Time.Now + GoodBye, peer));
    }

    private void Close(ScalePeer peer)
    {
        peer.Socket.Close();
        _world.Network.Detach(peer.Host.Site);
    }

    // What goes when a part is dropped is what the part took.
    private async Task<ScaleMemory> MeasureMemoryAsync()
    {
        long all = ManagedMemory.InUse();
        _tracker.Stop();
        long withoutTracker = ManagedMemory.InUse();
        _relay.Stop();
        long withoutRelay = ManagedMemory.InUse();
        foreach (ScalePeer peer in _peers)
        {
            peer.Socket.Close();
            peer.DropClients();
        }

        await _world.SettleAsync();
        long withoutClients = ManagedMemory.InUse();
        int count = _peers.Count;
        return new ScaleMemory(
            (all - withoutTracker) / count, (withoutTracker - withoutRelay) / count, (withoutRelay - withoutClients) / count, (withoutClients - _memoryBefore) / count);
    }
}
