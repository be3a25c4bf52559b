using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// The side of the registry that other trackers see. Each registrant belongs to one tracker: the one to which it came last. Its own requests bring it
/// here, with its entries; requests of others do not touch it.
/// </summary>
internal sealed partial class TrackerRegistry
{
    /// <summary>How long the withdrawal of a registrant that went to another tracker waits.</summary>
    public static readonly TimeSpan SurrenderDelay = TimeSpan.FromSeconds(3);

    // News of a renewed lease may come this much later than the end of the lease.
    private static readonly TimeSpan RemoteGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HoldStep = TimeSpan.FromSeconds(10);

    private MonotonicTime _now;

    /// <summary>Where changes are noted for other trackers; null (the default) when there are none.</summary>
    public RegistryChangeLog? Changes { get; set; }

    /// <summary>Registrants of other trackers stay until then even when their leases end, because nobody could tell that they were renewed.</summary>
    public MonotonicTime RemotesHeldUntil { get; set; }

    /// <summary>How many registrants belong to other trackers.</summary>
    public int RemoteRegistrantCount { get; private set; }

    /// <summary>What other trackers told and a limit kept out.</summary>
    public long RemoteRefusals { get; private set; }

    /// <summary>Takes what other trackers are to be told, until that is full.</summary>
    public void TakeChanges(MonotonicTime now, RegistryChanges into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (Changes is not { } changes) return;
        while (!into.IsFull && changes.TryTake(now, out RegistrantKey key, out MonotonicTime claim))
        {
            Registrant? registrant = Find(key);
            into.Add(registrant is { Origin: null } ? Record(registrant) : new RegistrantRecord(key, default, [], claim, now, IsRemoved: true));
        }

        while (!into.IsFull && changes.TryTakeEntry(out RegistrantKey owner, out byte[] name))
        {
            if (Find(owner) is not { Origin: null } registrant) continue;
            SwarmEntry? entry = FindFile(name) is { } file ? _store.Find(registrant, file) : null;
            into.Add(entry is { } present ? Record(present) : new EntryRecord(owner, name, null, false, [], IsRemoved: true));
        }
    }

    /// <summary>The keys of all registrants that belong to this tracker.</summary>
    public RegistrantKey[] OwnKeys() => [.. All().Where(registrant => registrant.Origin is null).Select(registrant => registrant.Key)];

    /// <summary>Takes one of this tracker's registrants with all its entries; harmless when it is gone.</summary>
    public void Export(in RegistrantKey key, RegistryChanges into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (Find(key) is not { Origin: null } registrant) return;
        into.Add(Record(registrant));
        foreach (SwarmEntry entry in registrant.Entries) into.Add(Record(entry));
    }

    /// <summary>Believes another tracker about a registrant; what is older than what is known changes nothing.</summary>
    /// <returns>Whether the registrant came to that tracker since it was last told, so that all its entries are wanted.</returns>
    public bool ApplyRemote(MonotonicTime now, RegistryOrigin origin, RegistrantRecord told)
    {
        ArgumentNullException.ThrowIfNull(told);
        Registrant? known = Find(told.Key);
        bool isTheirs = known?.Origin is { } owner && owner.Id == origin.Id;
        bool isOlder = known is not null && !isTheirs && told.ClaimedAt <= known.ClaimedAt;
        if (isOlder) return false;
        if (told.IsRemoved || (known is null && told.LeaseEnd + RemoteGrace <= now))
        {
            if (known is not null && told.IsRemoved) End(known, known.ClaimedAt);
            return false;
        }

        if (known is null && !TryAddRemote(told.Key, out known)) return false;

        // One that left that tracker and came back has other entries than before, also when nobody heard of its leaving.
        bool isSameStay = isTheirs && known!.ClaimedAt == told.ClaimedAt;
        if (!isSameStay) Surrender(known!, origin, now);
        bool hasMoved = known!.Listed != told.Listed || !known.Candidates.AsSpan().SequenceEqual(told.Candidates);
        known.Listed = told.Listed;
        known.Candidates = told.Candidates;
        if (hasMoved) TouchFiles(known);
        known.ClaimedAt = told.ClaimedAt;
        _leases.Set(now, known, told.LeaseEnd + RemoteGrace - now);
        return !isSameStay;
    }

    /// <summary>Believes another tracker about an entry of a registrant that belongs to it.</summary>
    public void ApplyRemote(RegistryOrigin origin, EntryRecord told)
    {
        ArgumentNullException.ThrowIfNull(told);
        if (Find(told.Owner) is not { } registrant) return;
        if (told.Name.Length is 0 or > ShareName.MaxBytes || told.Content is { IsValid: false }) return;
        SharedFile? file = FindFile(told.Name);
        SwarmEntry? entry = file is null ? null : _store.Find(registrant, file);
        bool isTheirs = registrant.Origin?.Id == origin.Id;
        if (!isTheirs && !MayMerge(registrant, entry, told)) return;
        if (told.IsRemoved)
        {
            if (entry is { } gone) RemoveEntry(gone);
            return;
        }

        if (entry is null && !HasRoomForRemote(file, told.Content))
        {
            RemoteRefusals++;
            return;
        }

        var offering = new Offering { Chunk = -1, Chunks = told.Chunks, Content = told.Content };
        if (!isTheirs && entry is { } known && IsKnown(known, offering, told.IsListed)) return;
        Fill(entry ?? AddEntry(registrant, file ?? AddFile(told.Name)), offering, told.IsListed, replaces: isTheirs);
    }

    /// <summary>Forgets the registrants of other trackers, a slice of them, since requests wait meanwhile: from the last to the first, as a snapshot goes.</summary>
    /// <param name="origins">Whose.</param>
    /// <param name="cursor"><see cref="ExportStart"/>, then what the call before returned.</param>
    /// <returns>The cursor for the next call; 0 when all are gone.</returns>
    public int RemoveRemotes(ICollection<Guid> origins, int cursor)
    {
        ArgumentNullException.ThrowIfNull(origins);
        int at = Math.Min(cursor, _order.Count);
        for (int left = MostEndedAtOnce; at > 0 && left > 0;)
        {
            Registrant registrant = _store.Registrants[_order[at - 1]];
            bool isTheirs = registrant.Origin is { } origin && origins.Contains(origin.Id);
            if (!isTheirs || registrant.EntryCount < left) at--;   // otherwise the rest of it goes with the next slice
            left -= isTheirs ? EndSome(registrant, left - 1) : 1;
        }

        return at;
    }

    // A program without cookies sends each request from another port, so that a load balancer may spread its requests over several trackers; what it
    // told the others belongs to it too.
    private static bool MayMerge(Registrant registrant, SwarmEntry? entry, EntryRecord told) =>
        registrant.Origin is null && !registrant.Key.IsProven && !told.IsRemoved
        && (entry?.Content is not { } known || told.Content is null || known.Description == told.Content);

    private bool TryAddRemote(in RegistrantKey key, out Registrant? registrant)
    {
        registrant = null;
        if (RegistrantCount >= _limits.MaxEntries)
        {
            RemoteRefusals++;
            return false;
        }

        registrant = AddRegistrant(key);
        return true;
    }

    private bool HasRoomForRemote(SharedFile? file, ContentDescription? content)
    {
        if (EntryCount >= _limits.MaxEntries || RunCount >= _limits.MaxRuns) return false;
        if (file is null) return FileCount < _limits.MaxFiles;
        return content is not { } told || file.HasContent(told) || file.ContentCount < _limits.MaxContentsPerName;
    }

    // The registrant's own request came here: it is this tracker's from now on, with all that it has.
    private void Adopt(Registrant registrant)
    {
        registrant.Origin = null;
        registrant.ClaimedAt = _now;
        registrant.ToldUntil = default;
        RemoteRegistrantCount--;
        Changes?.Mark(registrant.Key, registrant.ClaimedAt);
        foreach (SwarmEntry entry in registrant.Entries) Changes?.MarkEntry(registrant.Key, entry.File.Name);
    }

    private void Surrender(Registrant registrant, RegistryOrigin origin, MonotonicTime now)
    {
        if (registrant.Origin is null)
        {
            RemoteRegistrantCount++;
            if (registrant.IsTold) Changes?.MarkSurrendered(registrant.Key, registrant.ClaimedAt, now + SurrenderDelay);
        }

        Journal?.Leave(registrant.Key);
        registrant.Origin = origin;
        registrant.IsTold = true;

        // What it has now, its new tracker tells; what that does not tell was given up there.
        RemoveEntries(registrant, int.MaxValue);
    }

    private IEnumerable<Registrant> All()
    {
        for (int i = 0; i < _order.Count; i++) yield return _store.Registrants[_order[i]];
    }

    private RegistrantRecord Record(Registrant registrant)
    {
        MonotonicTime end = LeaseWheel.EndOf(registrant) + (Changes?.LeaseSlack ?? TimeSpan.Zero);
        registrant.ToldUntil = end;
        registrant.IsTold = true;
        return new RegistrantRecord(registrant.Key, registrant.Listed, registrant.Candidates, registrant.ClaimedAt, end, IsRemoved: false);
    }

    private static EntryRecord Record(SwarmEntry entry)
    {
        byte[] chunks = new byte[entry.Chunks.RunCount * (ChunkText.MaxRunLength + 1)];
        entry.Chunks.TryFormat(chunks, 0, out int length, out _);
        return new EntryRecord(entry.Owner.Key, entry.File.Name, entry.Content?.Description, entry.IsListed, chunks[..length], IsRemoved: false);
    }
}
