using CS3103P2P.Tracker.Snapshots;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>The side of the registry that snapshots see: this tracker's own registrants, a few at a time.</summary>
internal sealed partial class TrackerRegistry
{
    private readonly PagedList<int> _order = new();

    /// <summary>Takes note of changes, so that they can be written down; null when nobody does.</summary>
    public RegistryJournal? Journal { get; set; }

    /// <summary>Where a snapshot begins: the cursor for <see cref="Export(int, int, SnapshotWriter)"/>.</summary>
    public int ExportStart => _order.Count;

    /// <summary>
    /// Writes the next registrants with all their entries. It goes from the last to the first, and whoever leaves is replaced by the last: so nobody who
    /// stays is passed over between two calls, somebody may be written twice, and those who came since the start may be missing.
    /// </summary>
    /// <param name="cursor"><see cref="ExportStart"/>, then what the call before returned.</param>
    /// <param name="count">About how many to write, registrants and entries; one registrant is never divided.</param>
    /// <param name="writer">Where they go.</param>
    /// <returns>The cursor for the next call; 0 when all are written.</returns>
    public int Export(int cursor, int count, SnapshotWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int at = Math.Min(cursor, _order.Count);
        for (int steps = 0; at > 0 && steps < count;)
        {
            Registrant registrant = _store.Registrants[_order[--at]];
            steps += 1 + registrant.EntryCount;
            if (registrant.Origin is null) Write(registrant, writer);
        }

        return at;
    }

    /// <summary>
    /// Writes what <see cref="Journal"/> noted: first who left, then those who changed, each without its former entries and then whole. A registrant
    /// without a lease stands for one that is to be removed.
    /// </summary>
    /// <param name="left">How many of those who left, at most; what remains of that number afterwards.</param>
    /// <param name="changed">How many of those who changed, at most; what remains of that number afterwards.</param>
    /// <param name="count">About how many to write, registrants and entries.</param>
    /// <param name="writer">Where they go.</param>
    public void ExportChanges(ref int left, ref int changed, int count, SnapshotWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Journal is not { } journal) throw new InvalidOperationException("Nobody takes notes.");
        int steps = 0;
        for (; left > 0 && steps < count; left--, steps++) WriteGone(journal.TakeLeft(), writer);
        for (; changed > 0 && steps < count; changed--)
        {
            Registrant registrant = journal.TakeChanged();
            steps += 1 + registrant.EntryCount;
            bool isGone = registrant.LeaseTick < 0 || registrant.Origin is not null;
            if (isGone) continue;
            WriteGone(registrant.Key, writer);
            Write(registrant, writer);
        }
    }

    private static void WriteGone(in RegistrantKey key, SnapshotWriter writer)
    {
        writer.BeginRegistrant(key, key.Source, [], default, 0);
        writer.EndRegistrant();
    }

    private static void Write(Registrant registrant, SnapshotWriter writer)
    {
        registrant.SavedUntil = LeaseWheel.EndOf(registrant);
        writer.BeginRegistrant(registrant.Key, registrant.Listed, registrant.Candidates, registrant.SavedUntil, registrant.SocketNumber);
        foreach (SwarmEntry entry in registrant.Entries)
        {
            writer.AddEntry(entry.File.Name, entry.Content?.Description, entry.IsListed, entry.Chunks.Runs);
        }

        writer.EndRegistrant();
    }

    /// <summary>Brings a registrant back from a snapshot, without entries; null when its lease is over or a limit is in the way.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="key">Who it is.</param>
    /// <param name="lease">What is left of its lease.</param>
    public Registrant? Restore(MonotonicTime now, in RegistrantKey key, TimeSpan lease)
    {
        if (lease <= TimeSpan.Zero) return null;
        if (Refresh(now, key, lease, out Registrant? registrant, out TimeSpan granted) != RegistryResult.Done) return null;
        if (lease < granted) _leases.Set(now, registrant!, lease);
        return registrant;
    }

    private void RemoveFromOrder(Registrant registrant)
    {
        int last = _order.RemoveLast();
        if (last == registrant.Id) return;
        _order[registrant.Place] = last;
        _store.Registrants[last].Place = registrant.Place;
    }
}
