using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A person's computer: what outlives its programs. The program starts, dies and starts again.</summary>
internal sealed class SimulatedPeer
{
    public const string Folder = "/home";
    private const string ShareFolder = "/shared";
    private readonly World _world;
    private readonly VirtualTracker _tracker;
    private readonly Dictionary<SharedFact, ChunkLedger> _ledgers = [];
    private readonly Random _random;

    public SimulatedPeer(World world, VirtualTracker tracker, PeerPlan plan, PlantedBug plant)
    {
        _world = world;
        _tracker = tracker;
        _random = world.Fork();
        Plan = plan;
        Plant = plant;
        byte[] id = new byte[PeerId.SizeInBytes];
        _random.NextBytes(id);
        Id = new PeerId(id);
        Host = new VirtualHost(world, Name, plan.Link, plan.Nat, plan.Port);
        Clock = new WallClock(world.Time);
        Disk = new SimulatedDisk(world.Time, world.Fork()) { OnChange = CheckPath, SkipsDataFlushes = plant == PlantedBug.JournalBeforeData };
        Disk.CreateFolder(Folder);
        foreach (SharedFact fact in plan.Shares) Disk.Install(PathOfShare(fact), fact.Content);
        Disk.CreateFolder(ShareFolder);
        Boot();
    }

    public string Name => Plan.Name;

    public PeerId Id { get; }

    public PeerPlan Plan { get; }

    public PlantedBug Plant { get; }

    public VirtualHost Host { get; }

    public SimulatedDisk Disk { get; }

    public WallClock Clock { get; }

    /// <summary>Id of the running kernel.</summary>
    public Guid BootId { get; private set; }

    /// <summary>The running program; null while there is none.</summary>
    public PeerProgram? Program { get; private set; }

    /// <summary>Since when no program has run; null while one runs.</summary>
    public MonotonicTime? DeadSince { get; private set; }

    /// <summary>What it has got completely, and when.</summary>
    public Dictionary<SharedFact, MonotonicTime> Finished { get; } = [];

    public static string PathOfShare(SharedFact fact) => $"{ShareFolder}/{fact.Name}";

    public static string PathOfTarget(SharedFact fact) => $"{Folder}/{fact.Name}";

    public ChunkLedger LedgerOf(SharedFact fact)
    {
        if (!_ledgers.TryGetValue(fact, out ChunkLedger? ledger)) _ledgers.Add(fact, ledger = new ChunkLedger());
        return ledger;
    }

    /// <summary>Whether content belongs to the program that runs now.</summary>
    public bool IsProgram(WatchedContent content) => Program?.Owns(content) == true;

    public void Start()
    {
        if (Program is not null) return;
        _world.Trace.Add(Name, "starts");
        DeadSince = null;
        Program = new PeerProgram(_world, this, _tracker);
        Program.Start();
    }

    /// <summary>The program is killed; the kernel goes on.</summary>
    public void Kill()
    {
        if (Program is null) return;
        _world.Trace.Add(Name, "is killed");
        Disk.KillProcess();
        foreach (ChunkLedger ledger in _ledgers.Values) ledger.NoteKill(_world.Time.Now);
        End();
    }

    /// <summary>The power fails.</summary>
    public void CutPower()
    {
        _world.Trace.Add(Name, "loses power");
        Disk.CutPower();
        foreach (ChunkLedger ledger in _ledgers.Values) ledger.NotePowerFailure(_world.Time.Now);
        Boot();
        if (Program is not null) End();
    }

    /// <summary>The disk begins or ceases to fail: what is not synced yet may be lost.</summary>
    public void NoteDisk(bool isFailing)
    {
        foreach (SharedFact fact in Plan.Wants) LedgerOf(fact).NoteDisk(isFailing);
    }

    private void Boot()
    {
        byte[] boot = new byte[16];
        _random.NextBytes(boot);
        BootId = new Guid(boot);
    }

    private void End()
    {
        PeerProgram program = Program!;
        Program = null;
        DeadSince = _world.Time.Now;
        program.Die();
        Host.DetachAll();
    }

    private void CheckPath(string path)
    {
        bool isSetup = _world.Time.Now.Micros == 0;
        bool isOwn = Plan.Wants.Any(fact => path == PathOfTarget(fact) || path.StartsWith(PathOfTarget(fact) + ".p2p-", StringComparison.Ordinal));
        if (!isSetup && !isOwn) _world.Violate("nothing is written outside the target", $"{Name} changed {path}");
    }
}
