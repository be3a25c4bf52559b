using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>Makes a scenario from a seed.</summary>
internal static class ScenarioGenerator
{
    /// <summary>Peers in a scenario, unless it is asked for otherwise.</summary>
    public const int DefaultPeers = 20;

    private const int MaxFileBytes = 160_000;
    private const int FirstPort = 6881;
    private static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan LongLease = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LongTrouble = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan ShortestTrouble = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongCalm = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ShortCalm = TimeSpan.FromSeconds(8);

    /// <param name="seed">Makes it what it is.</param>
    /// <param name="peers">How many there are.</param>
    /// <param name="mustBeLong">Whether it is of the long kind, whatever the seed says.</param>
    public static Scenario Generate(int seed, int peers = DefaultPeers, bool mustBeLong = false)
    {
        var random = new Random(seed ^ 0x5EED);
        var files = new List<SharedFact>();
        int count = random.Next(1, 4);
        for (int i = 0; i < count; i++) files.Add(MakeFact(random, i));
        bool flips = random.Next(8) == 0;
        bool hasRelay = random.Next(4) > 0;
        double trouble = random.Next(3) switch { 0 => 0, 1 => 0.01, _ => 0.04 };
        var plans = new List<PeerPlan>();
        for (int i = 0; i < peers; i++)
        {
            PeerPlan plan = MakePeer(random, i, files, hasRelay, flips, trouble);
            bool sharesHome = plan.Nat is not null && i > 1 && random.Next(5) == 0;
            plans.Add(sharesHome && plans.FindLast(other => other.Nat is not null) is { } host ? plan with { Nat = host.Nat, Home = host.Home } : plan);
        }

        var faults = new List<Fault>();
        int faultCount = random.Next(0, 16);

        // Some have long lives, which the slow invariants need; for all others, two short lives find more than one long.
        bool isLong = random.Next(3) == 0 || mustBeLong;
        TimeSpan faultsEnd = isLong ? LongTrouble : TimeSpan.FromSeconds(random.Next((int)ShortestTrouble.TotalSeconds, (int)LongTrouble.TotalSeconds));
        for (int i = 0; i < faultCount; i++) faults.Add(MakeFault(random, peers, faultsEnd));
        return new Scenario
        {
            Seed = seed,
            Files = files,
            Peers = plans,
            Faults = [.. faults.OrderBy(fault => fault.At)],
            FaultsEnd = faultsEnd,
            Calm = isLong ? LongCalm : ShortCalm,
            HasBitFlips = flips,
            HasRelay = hasRelay,
            Lease = random.Next(8) == 0 ? LongLease : ShortLease,
        };
    }

    private static SharedFact MakeFact(Random random, int index)
    {
        int chunkSize = 2_048 << random.Next(0, 6);
        bool isPrivate = random.Next(6) == 0;
        if (random.Next(5) > 0) return new SharedFact($"file{index}.bin", [(string.Empty, MakeContent(random))], chunkSize, isPrivate);
        var files = new List<(string, byte[])>();
        int count = random.Next(1, 6);
        for (int i = 0; i < count; i++) files.Add((i % 2 == 0 ? $"part{i}.bin" : $"sub/part{i}.bin", MakeContent(random)));
        files.Sort((one, other) => Protocol.ManifestPath.Compare(one.Item1, other.Item1));
        return new SharedFact($"folder{index}", files, chunkSize, isPrivate);
    }

    private static byte[] MakeContent(Random random)
    {
        int size = random.Next(6) switch
        {
            0 => random.Next(0, 3),
            1 => random.Next(1, 5_000),
            2 => 2_048 * random.Next(1, 40),
            _ => random.Next(1, MaxFileBytes),
        };
        byte[] content = new byte[size];
        random.NextBytes(content);
        return content;
    }

    private static PeerPlan MakePeer(Random random, int index, List<SharedFact> files, bool hasRelay, bool flips, double trouble)
    {
        PeerKind kind = index < 2 ? PeerKind.Honest : random.Next(14) switch { 0 => PeerKind.Liar, 1 => PeerKind.Mute, 2 => PeerKind.Attacker, _ => PeerKind.Honest };
        bool isSource = index == 0 || kind == PeerKind.Liar || random.Next(10) == 0;
        SharedFact[] shared = index == 0 ? [.. files] : [.. files.Where(file => !file.IsPrivate)];
        SharedFact[] wanted = [.. files.Where(_ => random.Next(3) > 0)];
        bool leaves = index > 0 && random.Next(8) == 0;
        bool mustBePublic = (index == 0 && !hasRelay) || kind == PeerKind.Attacker;
        bool hasNat = random.Next(2) == 0;
        return new PeerPlan
        {
            Name = $"p{index}",
            Kind = kind,
            Link = MakeLink(random, flips, trouble),
            Nat = mustBePublic || !hasNat ? null : MakeNat(random),
            Home = index,
            Port = (ushort)(FirstPort + random.Next(2)),
            HasTracker = isSource || kind != PeerKind.Honest || random.Next(12) > 0,
            UploadLimit = random.Next(10) == 0 ? random.Next(200_000, 2_000_000) : null,
            Shares = kind == PeerKind.Attacker ? [] : isSource ? shared : [],
            Wants = isSource || kind == PeerKind.Attacker ? [] : wanted,
            StartsAt = TimeSpan.FromMilliseconds(index == 0 ? 10 : random.Next(10, 15_000)),
            LeavesAt = leaves ? TimeSpan.FromMilliseconds(random.Next(15_000, 40_000)) : null,
            LeavesPolitely = random.Next(2) == 0,
        };
    }

    private static LinkProfile MakeLink(Random random, bool flips, double trouble) => new()
    {
        Delay = TimeSpan.FromMicroseconds(random.Next(200, 40_000)),
        Jitter = TimeSpan.FromMicroseconds(random.Next(0, 8_000)),
        Loss = trouble * random.NextDouble(),
        Duplication = random.Next(3) == 0 ? trouble * random.NextDouble() : 0,
        Reordering = random.Next(3) == 0 ? trouble * random.NextDouble() : 0,
        BitFlips = flips ? 0.002 * random.NextDouble() : 0,
        UpBytesPerSecond = random.Next(100_000, 400_000),   // one search for a port takes 64,000 for a while
        DownBytesPerSecond = random.Next(100_000, 2_000_000),
        QueueBytes = random.Next(32_000, 256_000),
        MaxPayloadBytes = random.Next(6) == 0 ? random.Next(1_232, 1_472) : 1_472,
    };

    private static NatProfile MakeNat(Random random) => new(
        random.Next(4) switch { 0 => NatMapping.AddressDependent, 1 => NatMapping.AddressAndPortDependent, _ => NatMapping.EndpointIndependent },
        random.Next(3) switch { 0 => NatFiltering.EndpointIndependent, 1 => NatFiltering.AddressDependent, _ => NatFiltering.AddressAndPortDependent },
        TimeSpan.FromSeconds(random.Next(30, 180)),
        (PortAssignment)random.Next(3),
        Hairpins: random.Next(2) == 0);

    private static Fault MakeFault(Random random, int peers, TimeSpan faultsEnd)
    {
        FaultKind[] kinds = Enum.GetValues<FaultKind>();
        TimeSpan at = TimeSpan.FromMilliseconds(random.Next(1_000, (int)faultsEnd.TotalMilliseconds - 2_000));
        double longest = (faultsEnd - at).TotalSeconds;
        return new Fault(kinds[random.Next(kinds.Length)], random.Next(peers), at, TimeSpan.FromSeconds(Math.Min(longest, 0.5 + (random.NextDouble() * 12))));
    }
}
