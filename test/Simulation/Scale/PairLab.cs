using CS3103P2P.Peer;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Lets two whole nodes of the product, each in a home of a given kind, connect and transfer for half a minute: packet by packet, with tracker, STUN and relay.</summary>
internal sealed class PairLab
{
    private const int FileBytes = 640_000;
    private const int ChunkBytes = 16_384;
    private const long UploadBitsPerSecond = 160_000;
    private static readonly TimeSpan DownloaderStarts = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(13);
    private static readonly TimeSpan End = TimeSpan.FromSeconds(33);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private readonly World _world;
    private readonly Swarm _swarm;
    private MonotonicTime? _connectedAt;
    private MonotonicTime? _directAt;
    private bool _isWatched;

    private PairLab(HomeKind sharer, HomeKind downloader, int seed)
    {
        var random = new Random(seed);
        byte[] content = new byte[FileBytes];
        random.NextBytes(content);
        var fact = new SharedFact("pair.bin", [(string.Empty, content)], ChunkBytes, isPrivate: false);
        _world = new World(seed, null);
        _swarm = new Swarm(_world, new Scenario
        {
            Seed = seed,
            Files = [fact],
            Peers = [Plan(0, sharer, random) with { Shares = [fact] }, Plan(1, downloader, random) with { Wants = [fact], StartsAt = DownloaderStarts }],
            Faults = [],
            FaultsEnd = End,
            HasBitFlips = false,
            Lease = TimeSpan.FromMinutes(2),
            HasRelay = true,
        }, PlantedBug.None);
    }

    /// <summary>Runs one pair once.</summary>
    public static Task<PairOutcome> RunAsync(HomeKind sharer, HomeKind downloader, int seed) => new PairLab(sharer, downloader, seed).RunAsync();

    private static PeerPlan Plan(int index, HomeKind kind, Random random) => new()
    {
        Name = $"p{index}",
        Kind = PeerKind.Honest,
        Link = new LinkProfile { Delay = TimeSpan.FromMilliseconds(random.Next(5, 40)), Jitter = TimeSpan.FromMilliseconds(2), Loss = 0.002 },
        Nat = kind.Nat,
        Home = index,
        Port = PeerNodeOptions.DefaultPort,
        UploadLimit = UploadBitsPerSecond,
        Shares = [],
        Wants = [],
        StartsAt = TimeSpan.FromMilliseconds(10),
    };

    private async Task<PairOutcome> RunAsync()
    {
        long questions = 0;
        long relayed = 0;
        bool isSettled = false;
        MonotonicTime end = default(MonotonicTime) + End;
        while (_world.Time.Now < end)
        {
            await _world.RunAsync(_world.Time.Now + Step);
            Watch();
            if (isSettled || _world.Time.Now < default(MonotonicTime) + Settled) continue;
            (isSettled, questions, relayed) = (true, Questions, _swarm.Servers.Relay!.RelayedBytes);
        }

        if (_world.Violations.Count > 0) throw new InvalidOperationException($"A pair broke an invariant: {_world.Violations[0]}");
        var outcome = new PairOutcome
        {
            ConnectedAfter = Since(_connectedAt),
            DirectAfter = Since(_directAt),
            Allocations = _swarm.Servers.Relay!.AllocationCount,
            Offers = (int)_swarm.Tracker.Core!.Counters.Forwarded,
            FirstRelayedBytes = relayed,
            RelayedBytesPerSecond = (_swarm.Servers.Relay.RelayedBytes - relayed) / (End - Settled).TotalSeconds,
            FirstQuestions = questions / 2.0,
            QuestionsPerSecond = (Questions - questions) / 2.0 / (End - Settled).TotalSeconds,
        };
        foreach (SimulatedPeer peer in _swarm.Peers) peer.Kill();
        await _world.SettleAsync();
        return outcome;
    }

    private long Questions => _swarm.Tracker.StunAnswered + _swarm.Servers.Stun.Answered;

    private static double? Since(MonotonicTime? at) => at is { } time ? (time - (default(MonotonicTime) + DownloaderStarts)).TotalSeconds : null;

    private void Watch()
    {
        if (_isWatched || _swarm.Peers[1].Program?.Services is not { } services) return;
        _isWatched = true;
        services.Connections.PathChanged += way =>
        {
            _connectedAt ??= _world.Time.Now;
            if (way.Kind == PeerPathKind.Direct) _directAt ??= _world.Time.Now;
        };
    }
}
