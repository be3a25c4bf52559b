using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>
/// Everything that a run consists of. One source of chance, one clock; after each event all code that it set going runs until nothing moves.
/// </summary>
internal sealed class World
{
    private readonly Queue<IPumped> _touched = new();

    public World(int seed, TextWriter? trace)
    {
        Chance = new Random(seed);
        Trace = new Trace(Time, trace);
        Network = new VirtualNetwork(Time, Fork());
    }

    public VirtualTime Time { get; } = new();

    public Random Chance { get; }

    public Trace Trace { get; }

    public VirtualNetwork Network { get; }

    /// <summary>The two ends of each stream.</summary>
    public PipePairs Pairs { get; } = new();

    /// <summary>Whether links may change bytes of streams.</summary>
    public bool HasBitFlips { get; init; }

    /// <summary>What must not happen and did.</summary>
    public List<Violation> Violations { get; } = [];

    /// <summary>Told when a node says that a path fell silent for good: who, with whom.</summary>
    public Action<string, Protocol.PeerId>? ConsentLost { get; set; }

    /// <summary>For the host whose turn it is to send.</summary>
    public byte[] SendBuffer { get; } = new byte[65_000];

    /// <summary>Events done so far.</summary>
    public long Events { get; private set; }

    /// <summary>A source of chance of its own, so that what one part draws does not disturb another.</summary>
    public Random Fork() => new(Chance.Next());

    /// <summary>Notes that an invariant does not hold. The run ends.</summary>
    public void Violate(string invariant, string details)
    {
        Trace.Add("INVARIANT", $"{invariant}: {details}");
        Violations.Add(new Violation(invariant, details, Time.Now));
    }

    /// <summary>A socket has something to do.</summary>
    public void Touch(IPumped socket)
    {
        if (socket.IsTouched) return;
        socket.IsTouched = true;
        _touched.Enqueue(socket);
    }

    /// <summary>Runs until a time, or until something is violated or done.</summary>
    public async Task RunAsync(MonotonicTime until, Func<bool>? isDone = null)
    {
        await SettleAsync();
        while (Violations.Count == 0 && isDone?.Invoke() != true && Time.TryAdvance(until, out Action action))
        {
            Events++;
            action();
            if (!IsSettled()) await SettleAsync();
        }
    }

    /// <summary>Lets all code run that was set going.</summary>
    // The thread pool has a single worker, and this runs on it: whatever is queued before the yield has run after it.
    public async Task SettleAsync()
    {
        while (!IsSettled()) await Task.Yield();
    }

    // Nearly all events set nothing going that the pool must run.
    private bool IsSettled()
    {
        while (_touched.TryDequeue(out IPumped? socket))
        {
            socket.IsTouched = false;
            socket.Pump();
        }

        return ThreadPool.PendingWorkItemCount == 0;
    }
}
