using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>What a peer ever verified of a file, across its restarts.</summary>
internal sealed class ChunkLedger
{
    /// <summary>A killed program may lose what it noted in this last while.</summary>
    private static readonly TimeSpan KillGrace = TimeSpan.FromMilliseconds(100);

    /// <summary>A power failure may take what was written in this last while.</summary>
    private static readonly TimeSpan PowerGrace = TimeSpan.FromSeconds(3);

    private readonly Dictionary<int, MonotonicTime> _verified = [];

    // A program that was killed before it synced them left them to the kernel, and so to the power.
    private readonly HashSet<int> _unsynced = [];

    // Faults of a disk overlap; while there is one, nothing need last.
    private int _diskFaults;

    /// <summary>All chunks that it ever had, kept or not: what it may have told others of.</summary>
    public ChunkSet Ever { get; } = new();

    public void Add(int chunk, MonotonicTime now)
    {
        Ever.Add(chunk);
        if (_diskFaults == 0) _verified.TryAdd(chunk, now);
    }

    /// <summary>When a chunk was verified; null when it was not, or may have been lost since.</summary>
    public MonotonicTime? VerifiedAt(int chunk) => _verified.TryGetValue(chunk, out MonotonicTime at) ? at : null;

    /// <summary>A chunk that must be there and is not; null when there is none.</summary>
    public int? FindMissing(ChunkBitmap present)
    {
        foreach (int chunk in _verified.Keys)
        {
            if (!present.IsSet(chunk)) return chunk;
        }

        return null;
    }

    public void NoteKill(MonotonicTime now)
    {
        Forget(now - KillGrace);
        _unsynced.UnionWith(_verified.Where(entry => entry.Value >= now - PowerGrace).Select(entry => entry.Key));
    }

    public void NotePowerFailure(MonotonicTime now)
    {
        Forget(now - PowerGrace);
        foreach (int chunk in _unsynced) _verified.Remove(chunk);
        _unsynced.Clear();
    }

    /// <summary>A fault of the disk began or ended: what was not synced may be gone.</summary>
    public void NoteDisk(bool isFailing)
    {
        _diskFaults += isFailing ? 1 : -1;
        _verified.Clear();
    }

    private void Forget(MonotonicTime after)
    {
        foreach (int chunk in _verified.Where(entry => entry.Value >= after).Select(entry => entry.Key).ToArray()) _verified.Remove(chunk);
    }
}
