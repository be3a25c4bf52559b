using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Who has which chunks of which file. Entries belong to registrants, and a registrant acts on its own alone. All of it is soft state: it ends
/// with the lease. Pure; owned by one loop; not thread-safe.
/// </summary>
internal sealed partial class TrackerRegistry
{
    private RegistryLimits _limits;
    private readonly Dictionary<RegistrantKey, Registrant> _registrants = [];
    private readonly Dictionary<PeerId, List<Registrant>> _byPeerId = [];
    private readonly Dictionary<byte[], SharedFile> _byName = new(new FileNameComparer());
    private readonly Dictionary<byte[], SharedFile>.AlternateLookup<ReadOnlySpan<byte>> _byNameSpan;
    private readonly SourceAccounts _accounts = new();
    private readonly LeaseWheel _leases;

    public TrackerRegistry(RegistryLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        _byNameSpan = _byName.GetAlternateLookup<ReadOnlySpan<byte>>();
        _leases = new LeaseWheel(limits.MaxLease > limits.LiteralLease ? limits.MaxLease : limits.LiteralLease);
    }

    /// <summary>The files that stand in the list, in the order in which they came there.</summary>
    public OrderedSlots<SharedFile> ListedFiles { get; } = new();

    /// <summary>The limits. Lower ones than before remove nothing, and leases stay within the longest of the first limits.</summary>
    public RegistryLimits Limits
    {
        get => _limits;
        set => _limits = value;
    }

    /// <summary>How many files there are, listed or not.</summary>
    public int FileCount => _byName.Count;

    /// <summary>How many programs hold a lease.</summary>
    public int RegistrantCount => _registrants.Count;

    /// <summary>How many entries there are.</summary>
    public int EntryCount { get; private set; }

    /// <summary>How many of them no cookie protects.</summary>
    public int UnprovenEntryCount { get; private set; }

    /// <summary>How many runs of chunks all entries have.</summary>
    public int RunCount { get; private set; }

    /// <summary>How many sources hold something.</summary>
    public int SourceCount => _accounts.Count;

    /// <summary>When <see cref="HandleTimeout"/> is next due.</summary>
    public MonotonicTime? Deadline => _leases.Deadline;

    /// <summary>Ends the leases that are over.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        _now = now;
        while (_leases.TakeEnded(now, out Registrant? ended))
        {
            if (ended!.Origin is not null && now < RemotesHeldUntil) _leases.Set(now, ended, HoldStep);
            else End(ended, ended.ClaimedAt);
        }
    }

    /// <summary>The file of this name; null when there is none.</summary>
    public SharedFile? FindFile(ReadOnlySpan<byte> name) => _byNameSpan.TryGetValue(name, out SharedFile? file) ? file : null;

    /// <summary>The registrant of this key; null when there is none.</summary>
    public Registrant? Find(in RegistrantKey key) => _registrants.GetValueOrDefault(key);

    /// <summary>The registrants that proved an address under this id, oldest first.</summary>
    public IReadOnlyList<Registrant> FindPeer(PeerId id) => _byPeerId.TryGetValue(id, out List<Registrant>? found) ? found : [];

    /// <summary>Starts or renews a lease.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="key">Whose lease.</param>
    /// <param name="wished">How long; null for the default.</param>
    /// <param name="registrant">The registrant; null when it is refused.</param>
    /// <param name="granted">The lease that it got.</param>
    public RegistryResult Refresh(MonotonicTime now, in RegistrantKey key, TimeSpan? wished, out Registrant? registrant, out TimeSpan granted)
    {
        _now = now;
        granted = !key.IsProven ? _limits.LiteralLease
            : wished is not { } lease ? _limits.DefaultLease
            : lease < _limits.MinLease ? _limits.MinLease
            : lease > _limits.MaxLease ? _limits.MaxLease : lease;
        if (!_registrants.TryGetValue(key, out registrant))
        {
            RegistryResult result = TryAddRegistrant(key, out registrant);
            if (registrant is null) return result;
        }

        if (registrant.Origin is not null) Adopt(registrant);
        _leases.Set(now, registrant, granted);
        if (registrant.ToldUntil < LeaseWheel.EndOf(registrant)) Changes?.Mark(registrant.Key, registrant.ClaimedAt);
        return RegistryResult.Done;
    }

    /// <summary>Adds chunks to a registrant's entry, which is made when missing.</summary>
    public RegistryResult Add(Registrant registrant, in Offering offering)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        if (offering.Content is { IsValid: false }) return RegistryResult.BadDescription;
        SharedFile? file = FindFile(offering.Name);
        SwarmEntry? entry = file is null ? null : registrant.Entries.GetValueOrDefault(file);
        ContentDescription? content = offering.Content ?? entry?.Content?.Description;
        if (content is { } described && !FitsInto(offering, described.ChunkCount)) return RegistryResult.BadDescription;
        RegistryResult result = CheckRoom(registrant, file, entry, offering.Content);
        if (result != RegistryResult.Done) return result;
        file ??= AddFile(offering.Name);
        bool isListed = offering.IsListed ?? entry?.IsListed ?? true;
        entry ??= AddEntry(registrant, file);
        if (Fill(entry, offering, isListed, replaces: false)) return RegistryResult.Done;
        if (entry.Chunks.IsEmpty) RemoveEntry(entry);
        return RegistryResult.TooMuch;
    }

    /// <summary>Notes that the addresses of a registrant changed.</summary>
    public void NoteAddresses(Registrant registrant)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        Changes?.Mark(registrant.Key, registrant.ClaimedAt);
    }

    /// <summary>Removes a registrant and its entries, as it asked.</summary>
    public void Remove(Registrant registrant)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        if (registrant.Origin is not null) Adopt(registrant);
        End(registrant, _now);
    }

    /// <summary>Removes a registrant's entry of one file, as it asked; harmless when there is none.</summary>
    public void Remove(Registrant registrant, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        if (registrant.Origin is not null) Adopt(registrant);
        if (FindFile(name) is { } file && registrant.Entries.TryGetValue(file, out SwarmEntry? entry)) RemoveEntry(entry);
    }

    // The claim decides which of several trackers is believed: one that ends by itself says no more than that it had come then.
    private void End(Registrant registrant, MonotonicTime claim)
    {
        if (registrant.Origin is not null) RemoteRegistrantCount--;
        else if (registrant.IsTold) Changes?.Mark(registrant.Key, claim);
        else Changes?.Forget(registrant.Key);
        foreach (SwarmEntry entry in registrant.Entries.Values.ToArray()) RemoveEntry(entry);
        _leases.Cancel(registrant);
        _registrants.Remove(registrant.Key);
        RemoveFromOrder(registrant);
        _accounts.Change(registrant.Key.Source, -1, 0, 0);
        if (!_byPeerId.TryGetValue(registrant.Key.Peer, out List<Registrant>? same)) return;
        same.Remove(registrant);
        if (same.Count == 0) _byPeerId.Remove(registrant.Key.Peer);
    }

    private RegistryResult TryAddRegistrant(in RegistrantKey key, out Registrant? registrant)
    {
        registrant = null;
        if (_accounts.Of(key.Source).Registrants >= _limits.MaxRegistrantsPerSource) return RegistryResult.TooMuch;
        if (_registrants.Count >= _limits.MaxEntries) return RegistryResult.Full;
        bool hasId = key.IsProven && !key.Peer.IsEmpty;
        _byPeerId.TryGetValue(key.Peer, out List<Registrant>? same);
        if (hasId && same?.Count >= _limits.MaxRegistrantsPerPeerId) return RegistryResult.TooMuch;
        registrant = AddRegistrant(key);
        registrant.ClaimedAt = _now;
        registrant.IsTold = Changes?.IsMarked(key) == true;
        return RegistryResult.Done;
    }

    private Registrant AddRegistrant(in RegistrantKey key)
    {
        var registrant = new Registrant(key);
        _registrants.Add(key, registrant);
        registrant.Place = _order.Count;
        _order.Add(registrant);
        _accounts.Change(key.Source, 1, 0, 0);
        if (!key.IsProven || key.Peer.IsEmpty) return registrant;
        if (!_byPeerId.TryGetValue(key.Peer, out List<Registrant>? same)) _byPeerId.Add(key.Peer, same = []);
        if (same.Count < _limits.MaxRegistrantsPerPeerId) same.Add(registrant);
        return registrant;
    }

    private RegistryResult CheckRoom(Registrant registrant, SharedFile? file, SwarmEntry? entry, ContentDescription? content)
    {
        bool isNewContent = content is { } told && file is not null && !file.HasContent(told);
        if (isNewContent && file!.ContentCount >= _limits.MaxContentsPerName) return RegistryResult.TooManyContents;
        SourceAccounts.Account account = _accounts.Of(registrant.Key.Source);
        if (account.Runs >= _limits.MaxRunsPerSource) return RegistryResult.TooMuch;
        if (RunCount >= _limits.MaxRuns) return RegistryResult.Full;
        if (entry is not null) return RegistryResult.Done;
        if (account.Entries >= _limits.MaxEntriesPerSource) return RegistryResult.TooMuch;
        bool isFull = EntryCount >= _limits.MaxEntries
            || (file is null && _byName.Count >= _limits.MaxFiles)
            || (!registrant.Key.IsProven && UnprovenEntryCount >= _limits.MaxUnprovenEntries);
        return isFull ? RegistryResult.Full : RegistryResult.Done;
    }

    private SharedFile AddFile(ReadOnlySpan<byte> name)
    {
        var file = new SharedFile(name.ToArray());
        _byName.Add(file.Name, file);
        return file;
    }

    private SwarmEntry AddEntry(Registrant registrant, SharedFile file)
    {
        var entry = new SwarmEntry(file, registrant);
        registrant.Entries.Add(file, entry);
        entry.Number = file.Entries.Add(entry);
        _accounts.Change(registrant.Key.Source, 0, 1, 0);
        EntryCount++;
        UnprovenEntryCount += registrant.Key.IsProven ? 0 : 1;
        return entry;
    }

    // Puts what was offered into an entry; false when a limit was in the way.
    private bool Fill(SwarmEntry entry, in Offering offering, bool isListed, bool replaces)
    {
        int runsBefore = entry.Chunks.RunCount;
        if (offering.Content is { } told) SetContent(entry, told);
        if (replaces) entry.Chunks.Clear();
        SetListed(entry, isListed);
        bool added = AddChunks(entry.Chunks, offering);
        RunCount += entry.Chunks.RunCount - runsBefore;
        _accounts.Change(entry.Owner.Key.Source, 0, 0, entry.Chunks.RunCount - runsBefore);
        if (entry.Owner.Origin is null) Changes?.MarkEntry(entry.Owner.Key, entry.File.Name);
        return added;
    }

    private void RemoveEntry(SwarmEntry entry)
    {
        SharedFile file = entry.File;
        if (entry.Owner.Origin is null) Changes?.MarkEntry(entry.Owner.Key, file.Name);
        if (entry.Content is { } content) file.Release(content);
        SetListed(entry, false);
        file.Entries.Remove(entry.Number);
        entry.Owner.Entries.Remove(file);
        _accounts.Change(entry.Owner.Key.Source, 0, -1, -entry.Chunks.RunCount);
        RunCount -= entry.Chunks.RunCount;
        EntryCount--;
        UnprovenEntryCount -= entry.Owner.Key.IsProven ? 0 : 1;
        if (file.Entries.Count > 0) return;
        _byName.Remove(file.Name);
    }

    // A peer whose file changed starts anew: its old chunks are chunks of something else.
    private static void SetContent(SwarmEntry entry, ContentDescription told)
    {
        if (entry.Content?.Description == told) return;
        if (entry.Content is { } old)
        {
            entry.File.Release(old);
            entry.Chunks.Clear();
        }

        entry.Content = entry.File.GetOrAddContent(told);
        entry.Content.References++;
    }

    private void SetListed(SwarmEntry entry, bool listed)
    {
        if (entry.IsListed == listed) return;
        SharedFile file = entry.File;
        entry.IsListed = listed;
        file.ListedEntries += listed ? 1 : -1;
        if (listed && file.ListedEntries == 1) file.ListNumber = ListedFiles.Add(file);
        if (!listed && file.ListedEntries == 0) ListedFiles.Remove(file.ListNumber);
    }

    private bool AddChunks(ChunkSet chunks, in Offering offering)
    {
        bool added = offering.Chunk < 0 || chunks.TryAdd(new ChunkRange(offering.Chunk, 1), _limits.MaxRunsPerEntry);
        return added && (offering.Chunks.IsEmpty || chunks.TryAddText(offering.Chunks, _limits.MaxRunsPerEntry));
    }

    private static bool FitsInto(in Offering offering, long chunkCount)
    {
        if (offering.Chunk >= chunkCount) return false;
        ReadOnlySpan<byte> text = offering.Chunks;
        while (!text.IsEmpty)
        {
            if (!ChunkText.TryReadRun(ref text, out ChunkRange range)) return false;
            if (range.End > chunkCount) return false;
        }

        return true;
    }
}
