using CS3103P2P.Tracker.Snapshots;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>The side of the registry that snapshots see: this tracker's own registrants, a few at a time.</summary>
internal sealed partial class TrackerRegistry
{
    private readonly PagedList<int> _order = new();

    /// <summary>Where a snapshot begins: the cursor for <see cref="Export(int, int, SnapshotWriter)"/>.</summary>
    public int ExportStart => _order.Count;

    /// <summary>
    /// Writes the next registrants with all their entries. It goes from the last to the first, and whoever leaves is replaced by the last: so nobody who
    /// stays is passed over between two calls, somebody may be written twice, and those who came since the start may be missing.
    /// </summary>
    /// <param name="cursor"><see cref="ExportStart"/>, then what the call before returned.</param>
    /// <param name="count">How many to write at most.</param>
    /// <param name="writer">Where they go.</param>
    /// <returns>The cursor for the next call; 0 when all are written.</returns>
    public int Export(int cursor, int count, SnapshotWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int at = Math.Min(cursor, _order.Count);
        for (int end = Math.Max(0, at - count); at > end;)
        {
            Registrant registrant = _store.Registrants[_order[--at]];
            if (registrant.Origin is not null) continue;
            writer.BeginRegistrant(registrant.Key, registrant.Listed, registrant.Candidates, LeaseWheel.EndOf(registrant), registrant.SocketNumber);
            foreach (SwarmEntry entry in registrant.Entries)
            {
                writer.AddEntry(entry.File.Name, entry.Content?.Description, entry.IsListed, entry.Chunks.Runs);
            }

            writer.EndRegistrant();
        }

        return at;
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
