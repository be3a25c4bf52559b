using System.Diagnostics;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>
/// One tracker and a large swarm of homes that download one file: the tracker and its clients are the product's, on the virtual network; data
/// flows like water, since packets of thousands of peers would take days. Peers come, fetch, share on, and leave.
/// </summary>
internal sealed class ScaleRun
{
    private const int Chunks = 1_024;
    private const int ChunkBytes = 262_144;
    private const double MedianSessionSeconds = 1_800;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Duration = TimeSpan.FromHours(1);
    private static readonly NatMapping[] Mappings = [NatMapping.EndpointIndependent, NatMapping.EndpointIndependent, NatMapping.EndpointIndependent, NatMapping.AddressAndPortDependent];
    private readonly World _world;
    private readonly VirtualTracker _tracker;
    private readonly ShareDescriptor _descriptor = new("big.bin", ShareKind.File, (long)Chunks * ChunkBytes, ChunkBytes, Sha256Digest.Of("big"u8));
    private readonly List<ScalePeer> _peers = [];
    private readonly List<double> _downloadSeconds = [];
    private readonly Random _random;
    private readonly long _memoryBefore = GC.GetTotalMemory(forceFullCollection: true);
    private double _peerSeconds;

    public ScaleRun(int peers, int seed)
    {
        _world = new World(seed, null);
        _random = _world.Fork();
        _tracker = new VirtualTracker(_world, new LinkProfile { UpBytesPerSecond = 125_000_000, DownBytesPerSecond = 125_000_000, QueueBytes = 64_000_000 }, null, TimeSpan.FromMinutes(2), hasStoppedClock: false);
        for (int i = 0; i < peers; i++) _peers.Add(Come(isSeed: i < Math.Max(1, peers / 100)));
    }

    /// <summary>Runs an hour.</summary>
    public async Task<ScaleResult> RunAsync()
    {
        long started = Stopwatch.GetTimestamp();
        for (TimeSpan at = TimeSpan.Zero; at < Duration; at += Step)
        {
            await _world.RunAsync(_world.Time.Now + Step);
            Flow();
        }

        long memory = GC.GetTotalMemory(forceFullCollection: true) - _memoryBefore;
        _downloadSeconds.Sort();
        double bound = (double)_descriptor.SizeBytes / Math.Min(_peers.Average(peer => peer.DownRate), _peers.Average(peer => peer.UpRate));
        (double direct, double relayed) = ConnectionShares();
        return new ScaleResult
        {
            Peers = _peers.Count,
            Finished = _downloadSeconds.Count,
            MedianSeconds = _downloadSeconds.Count == 0 ? double.NaN : _downloadSeconds[_downloadSeconds.Count / 2],
            BoundSeconds = bound,
            TrackerMessagesPerPeerHour = _tracker.Core!.Counters.Requests / (_peerSeconds / 3_600),
            TrackerRequestsPerSecond = _tracker.Core.Counters.Requests / Duration.TotalSeconds,
            DirectShare = direct,
            RelayedShare = relayed,
            BytesPerPeer = memory / _peers.Count,
            WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    private ScalePeer Come(bool isSeed)
    {
        double up = 125_000 * Math.Pow(2, _random.Next(1, 6));
        NatProfile? nat = _random.Next(5) == 0 ? null : new NatProfile(Mappings[_random.Next(Mappings.Length)], (NatFiltering)_random.Next(1, 4), TimeSpan.FromMinutes(2), PortAssignment.Preserving, Hairpins: false);
        var host = new VirtualHost(_world, "home", new LinkProfile { Delay = TimeSpan.FromMilliseconds(_random.Next(5, 40)) }, new Site(_world.Network, nat, _world.Fork()));
        var socket = new MachineSocket(_world, host, 6881);
        byte[] id = new byte[PeerId.SizeInBytes];
        _random.NextBytes(id);
        var port = new TrackerPort(_world, socket, new PeerId(id), _tracker.Address, static _ => { });
        socket.BeforeDrain = port.BeforeDrain;
        var peer = new ScalePeer(host, socket, port, up, up * 8) { Have = isSeed ? Chunks : 0, StartedAt = _world.Time.Now };
        peer.LeavesAt = _world.Time.Now + TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) * MedianSessionSeconds / Math.Log(2));
        if (isSeed) port.Announce(new Registration(_descriptor, new ChunkSet(new ChunkRange(0, Chunks))));
        else _ = port.LookupAsync(_descriptor.Name, isUpdate: false);
        return peer;
    }

    // Every downloader gets its share of what all others can send.
    private void Flow()
    {
        double supply = _peers.Where(peer => peer.Have > 0).Sum(peer => peer.UpRate);
        double demand = _peers.Where(peer => peer.Have < Chunks).Sum(peer => peer.DownRate);
        double share = demand == 0 ? 0 : Math.Min(1, supply / demand);
        for (int i = 0; i < _peers.Count; i++)
        {
            ScalePeer peer = _peers[i];
            _peerSeconds += Step.TotalSeconds;
            if (peer.Have < Chunks) Advance(peer, share);
            if (peer.LeavesAt > _world.Time.Now) continue;
            peer.Socket.Close();
            _world.Network.Detach(peer.Host.Site);
            _peers[i] = Come(isSeed: peer.Have == Chunks && _random.Next(50) == 0);
        }
    }

    private void Advance(ScalePeer peer, double share)
    {
        peer.Bytes += peer.DownRate * share * Step.TotalSeconds;
        int have = (int)Math.Min(Chunks, peer.Bytes / ChunkBytes);
        if (have == peer.Have) return;
        peer.Have = have;
        peer.Tracker.Announce(new Registration(_descriptor, new ChunkSet(new ChunkRange(0, have))));
        if (have == Chunks) _downloadSeconds.Add((_world.Time.Now - peer.StartedAt).TotalSeconds);
    }

    // Direct unless both sides are hard: a mapping for each destination against one, or against filtering by port, is left to guessing and the relay.
    private (double Direct, double Relayed) ConnectionShares()
    {
        int direct = 0;
        int total = 0;
        foreach (ScalePeer one in _peers)
        {
            ScalePeer other = _peers[_random.Next(_peers.Count)];
            total++;
            if (!IsHard(one, other) && !IsHard(other, one)) direct++;
        }

        return ((double)direct / total, 1 - ((double)direct / total));
    }

    private static bool IsHard(ScalePeer one, ScalePeer other) =>
        one.Host.Site.Nat?.Profile.Mapping == NatMapping.AddressAndPortDependent
        && other.Host.Site.Nat is { } nat && (nat.Profile.Mapping != NatMapping.EndpointIndependent || nat.Profile.Filtering == NatFiltering.AddressAndPortDependent);
}
