using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A person's computer: what outlives its programs. The program starts, dies and starts again.</summary>
internal sealed class SimulatedPeer
{
    public const string Folder = "/home";
    private const string ShareFolder = "/shared";
    private readonly World _world;
    private readonly Neighbourhood _servers;
    private readonly Dictionary<SharedFact, ChunkLedger> _ledgers = [];
    private readonly Random _random;

    public SimulatedPeer(World world, Neighbourhood servers, Site site, PeerPlan plan, PlantedBug plant)
    {
        _world = world;
        _servers = servers;
        _random = world.Fork();
        Plan = plan;
        Plant = plant;
        byte[] id = new byte[PeerId.SizeInBytes];
        _random.NextBytes(id);
        Id = new PeerId(id);
        Host = new VirtualHost(world, Name, plan.Link, site);
        Clock = new WallClock(world.Time);
        Disk = new SimulatedDisk(world.Time, world.Fork()) { OnChange = CheckPath, SkipsDataFlushes = plant == PlantedBug.JournalBeforeData };
        Disk.CreateFolder(Folder);
        foreach (SharedFact fact in plan.Shares)
        {
            foreach ((string path, byte[] content) in fact.Files) Disk.Install(PathOfShare(fact) + (path.Length == 0 ? string.Empty : "/" + path), content);
        }

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
    public PeerProcess? Program { get; private set; }

    /// <summary>When the program was started.</summary>
    public MonotonicTime StartedAt { get; private set; }

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

    /// <summary>Whether its program is about to end by itself.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>The program ends as it should.</summary>
    public async Task LeaveAsync()
    {
        if (Program is not { } program || IsLeaving) return;
        IsLeaving = true;
        _world.Trace.Add(Name, "leaves");
        await program.LeaveAsync().ConfigureAwait(false);
        if (Program == program) Kill();
        IsLeaving = false;
    }

    public void Start()
    {
        if (Program is not null) return;
        _world.Trace.Add(Name, "starts");
        StartedAt = _world.Time.Now;
        DeadSince = null;
        Program = new PeerProcess(_world, this, _servers);
        Program.Start();
    }

    // A machine that sleeps notes and syncs nothing.
    private MonotonicTime LastAwake => Host.AsleepSince ?? _world.Time.Now;

    /// <summary>The program is killed; the kernel goes on.</summary>
    public void Kill()
    {
        if (Program is null) return;
        _world.Trace.Add(Name, "is killed");
        Disk.KillProcess();
        foreach (ChunkLedger ledger in _ledgers.Values) ledger.NoteKill(LastAwake);
        End();
    }

    /// <summary>The power fails.</summary>
    public void CutPower()
    {
        _world.Trace.Add(Name, "loses power");
        Disk.CutPower();
        foreach (ChunkLedger ledger in _ledgers.Values) ledger.NotePowerFailure(LastAwake);
        Boot();
        if (Program is not null) End();
    }

    /// <summary>A fault of the disk begins or ends: what is not synced yet may be lost.</summary>
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
        PeerProcess program = Program!;
        Program = null;
        DeadSince = _world.Time.Now;
        program.Die();
    }

    private void CheckPath(string path)
    {
        bool isSetup = _world.Time.Now.Micros == 0;
        bool isOwn = Plan.Wants.Any(fact => path == PathOfTarget(fact) || path.StartsWith(PathOfTarget(fact) + ".p2p-", StringComparison.Ordinal));
        if (!isSetup && !isOwn) _world.Violate("nothing is written outside the target", $"{Name} changed {path}");
    }
}
