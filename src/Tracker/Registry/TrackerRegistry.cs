using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Who has which chunks of which file. Entries belong to registrants, and a registrant acts on its own alone. All of it is soft state: it ends
/// with the lease. Pure; owned by one loop; not thread-safe.
/// </summary>
internal sealed partial class TrackerRegistry
{
    private const int SpareSlotsPerEntry = 2;   // 16 bytes for each entry that there may be, a seventh of what the entry takes

    private RegistryLimits _limits;
    private readonly EntryStore _store;
    private readonly HashIndex _registrants = new();
    private readonly HashIndex _byPeerId = new();
    private readonly HashIndex _byName = new();
    private readonly List<Registrant> _found = [];
    private readonly SourceAccounts _accounts = new();
    private readonly LeaseWheel _leases;
    private ulong _version;

    /// <param name="limits">How much it holds.</param>
    /// <param name="hashKey">Random bits that nobody else knows: so nobody can make its tables slow.</param>
    public TrackerRegistry(RegistryLimits limits, UInt128 hashKey = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        _store = new EntryStore(hashKey) { MaxSpareSlots = SpareSlotsFor(limits) };
        _leases = new LeaseWheel(_store.Registrants, limits.MaxLease > limits.LiteralLease ? limits.MaxLease : limits.LiteralLease);
    }

    /// <summary>The files that stand in the list, in the order in which they came there.</summary>
    public OrderedSlots<SharedFile> ListedFiles { get; } = new();

    /// <summary>The limits. Lower ones than before remove nothing, and leases stay within the longest of the first limits.</summary>
    public RegistryLimits Limits
    {
        get => _limits;
        set
        {
            _limits = value;
            _store.MaxSpareSlots = SpareSlotsFor(value);
        }
    }

    /// <summary>How many files there are, listed or not.</summary>
    public int FileCount => _store.Files.Count;

    /// <summary>How many programs hold a lease.</summary>
    public int RegistrantCount => _store.Registrants.Count;

    /// <summary>How many entries there are.</summary>
    public int EntryCount => _store.Data.Count;

    /// <summary>How many of them no cookie protects.</summary>
    public int UnprovenEntryCount { get; private set; }

    /// <summary>How many runs of chunks all entries have.</summary>
    public int RunCount { get; private set; }

    /// <summary>How many sources hold something.</summary>
    public int SourceCount => _accounts.Count;

    /// <summary>The file of this name; null when there is none.</summary>
    public SharedFile? FindFile(ReadOnlySpan<byte> name) => FindFile(_store.Hash(name), name);

    /// <summary>The registrant of this key; null when there is none.</summary>
    public Registrant? Find(in RegistrantKey key)
    {
        HashIndex.Candidates candidates = _registrants.Find(HashOf(key));
        while (candidates.MoveNext())
        {
            Registrant registrant = _store.Registrants[candidates.Current];
            if (registrant.HasKey(key)) return registrant;
        }

        return null;
    }

    /// <summary>The registrants that proved an address under this id; valid until the next call.</summary>
    public IReadOnlyList<Registrant> FindPeer(PeerId id)
    {
        _found.Clear();
        HashIndex.Candidates candidates = _byPeerId.Find(HashOf(id));
        while (candidates.MoveNext())
        {
            Registrant registrant = _store.Registrants[candidates.Current];
            if (registrant.Key.Peer == id) _found.Add(registrant);
        }

        return _found;
    }

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
        registrant = Find(key);
        if (registrant is null)
        {
            RegistryResult result = TryAddRegistrant(key, out registrant);
            if (registrant is null) return result;
        }

        if (registrant.Origin is not null) Adopt(registrant);
        if (registrant.IsLeaving) Stay(registrant);
        _leases.Set(now, registrant, granted);
        if (Journal is not null && registrant.SavedUntil < LeaseWheel.EndOf(registrant) - (granted / 2)) Journal.Touch(registrant);
        if (registrant.ToldUntil < LeaseWheel.EndOf(registrant)) Changes?.Mark(registrant.Key, registrant.ClaimedAt);
        return RegistryResult.Done;
    }

    /// <summary>Adds chunks to a registrant's entry, which is made when missing.</summary>
    public RegistryResult Add(Registrant registrant, in Offering offering)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        if (offering.Content is { IsValid: false }) return RegistryResult.BadDescription;
        SharedFile? file = FindFile(offering.Name);
        SwarmEntry? entry = file is null ? null : _store.Find(registrant, file);
        if (entry is { } held && IsKnown(held, offering, offering.IsListed)) return RegistryResult.Done;
        ContentDescription? content = offering.Content ?? entry?.Content?.Description;
        if (content is { } described && !FitsInto(offering, described.ChunkCount)) return RegistryResult.BadDescription;
        RegistryResult result = CheckRoom(registrant, file, entry, offering.Content);
        if (result != RegistryResult.Done) return result;
        file ??= AddFile(offering.Name);
        bool isListed = offering.IsListed ?? entry?.IsListed ?? true;
        SwarmEntry filled = entry ?? AddEntry(registrant, file);
        if (Fill(filled, offering, isListed, replaces: false)) return RegistryResult.Done;
        if (filled.Chunks.IsEmpty) RemoveEntry(filled);
        return RegistryResult.TooMuch;
    }

    /// <summary>Notes that the addresses of a registrant changed.</summary>
    public void NoteAddresses(Registrant registrant)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        Changes?.Mark(registrant.Key, registrant.ClaimedAt);
        Journal?.Touch(registrant);
        TouchFiles(registrant);
    }

    /// <summary>Removes a registrant's entry of one file, as it asked; harmless when there is none.</summary>
    public void Remove(Registrant registrant, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        if (registrant.Origin is not null) Adopt(registrant);
        if (FindFile(name) is not { } file || !registrant.Entries.TryGetValue(file, out SwarmEntry entry)) return;
        Journal?.Touch(registrant);
        RemoveEntry(entry);
    }

    private static long SpareSlotsFor(RegistryLimits limits) => SpareSlotsPerEntry * (long)limits.MaxEntries;

    private RegistryResult TryAddRegistrant(in RegistrantKey key, out Registrant? registrant)
    {
        registrant = null;
        if (_accounts.Of(key.Source).Registrants >= _limits.MaxRegistrantsPerSource) return RegistryResult.TooMuch;
        if (RegistrantCount >= _limits.MaxEntries) return RegistryResult.Full;
        bool hasId = key.IsProven && !key.Peer.IsEmpty;
        if (hasId && FindPeer(key.Peer).Count >= _limits.MaxRegistrantsPerPeerId) return RegistryResult.TooMuch;
        registrant = AddRegistrant(key);
        registrant.ClaimedAt = _now;
        registrant.IsTold = Changes?.IsMarked(key) == true;
        return RegistryResult.Done;
    }

    private Registrant AddRegistrant(in RegistrantKey key)
    {
        var registrant = new Registrant(key, _store);
        registrant.Id = _store.Registrants.Add(registrant);
        registrant.Place = _order.Add(registrant.Id);
        _registrants.Add(HashOf(key), registrant.Id);
        _accounts.Change(key.Source, 1, 0, 0);
        if (!key.IsProven || key.Peer.IsEmpty || FindPeer(key.Peer).Count >= _limits.MaxRegistrantsPerPeerId) return registrant;
        _byPeerId.Add(HashOf(key.Peer), registrant.Id);
        registrant.IsFoundByPeerId = true;
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
            || (file is null && FileCount >= _limits.MaxFiles)
            || (!registrant.Key.IsProven && UnprovenEntryCount >= _limits.MaxUnprovenEntries);
        return isFull ? RegistryResult.Full : RegistryResult.Done;
    }

    private SharedFile AddFile(ReadOnlySpan<byte> name)
    {
        var file = new SharedFile(name.ToArray(), _store) { Serial = ++_version };
        file.Id = _store.Files.Add(file);
        _byName.Add(_store.Hash(name), file.Id);
        return file;
    }

    private SwarmEntry AddEntry(Registrant registrant, SharedFile file)
    {
        SwarmEntry entry = _store.Add(registrant, file);
        _accounts.Change(registrant.Key.Source, 0, 1, 0);
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
        bool added = entry.Chunks.TryAdd(offering.Chunk, offering.Chunks, _limits.MaxRunsPerEntry);
        SharedFile file = entry.File;
        file.Version = ++_version;
        bool isFullest = file.FullestEntry < 0 || entry.Chunks.Count > new EntryChunks(_store, file.FullestEntry).Count;
        if (isFullest) file.FullestEntry = entry.Id;
        RunCount += entry.Chunks.RunCount - runsBefore;
        _accounts.Change(entry.Owner.Key.Source, 0, 0, entry.Chunks.RunCount - runsBefore);
        Journal?.Touch(entry.Owner);
        if (entry.Owner.Origin is null) Changes?.MarkEntry(entry.Owner.Key, entry.File.Name);
        return added;
    }

    // Peers say again what they said before, to keep it: then nothing changes, and replies that are kept encoded stay good.
    private static bool IsKnown(SwarmEntry entry, in Offering offering, bool? isListed) =>
        entry.Chunks.Covers(offering.Chunk, offering.Chunks)
        && (isListed is not { } listed || entry.IsListed == listed)
        && (offering.Content is not { } told || entry.Content?.Description == told);

    private void RemoveEntry(SwarmEntry entry)
    {
        SharedFile file = entry.File;
        if (entry.Owner.Origin is null) Changes?.MarkEntry(entry.Owner.Key, file.Name);
        if (entry.Content is { } content) file.Release(content);
        SetListed(entry, false);
        int runs = entry.Chunks.RunCount;
        RunCount -= runs;
        _accounts.Change(entry.Owner.Key.Source, 0, -1, -runs);
        UnprovenEntryCount -= entry.Owner.Key.IsProven ? 0 : 1;
        _store.Remove(entry);
        file.Version = ++_version;
        if (file.FullestEntry == entry.Id) file.FullestEntry = file.Entries.FindFull();
        if (file.Entries.Count > 0) return;
        file.Entries.Free();
        _byName.Remove(_store.Hash(file.Name), file.Id);
        _store.Files.Remove(file.Id);
    }

    private void TouchFiles(Registrant registrant)
    {
        foreach (SwarmEntry entry in registrant.Entries) entry.File.Version = ++_version;
    }

    // A peer whose file changed starts anew: its old chunks are chunks of something else.
    private void SetContent(SwarmEntry entry, ContentDescription told)
    {
        SharedContent? old = entry.Content;
        if (old?.Description == told) return;
        if (old is not null)
        {
            entry.File.Release(old);
            entry.Chunks.Clear();
        }

        SharedContent content = entry.File.GetOrAddContent(told);
        content.References++;
        _store.Data[entry.Id].Content = content.Number;
    }

    private void SetListed(SwarmEntry entry, bool listed)
    {
        if (entry.IsListed == listed) return;
        SharedFile file = entry.File;
        _store.Data[entry.Id].IsListed = listed;
        file.ListedEntries += listed ? 1 : -1;
        if (listed && file.ListedEntries == 1) file.ListNumber = ListedFiles.Add(file);
        if (!listed && file.ListedEntries == 0) ListedFiles.Remove(file.ListNumber);
    }

    private SharedFile? FindFile(ulong hash, ReadOnlySpan<byte> name)
    {
        HashIndex.Candidates candidates = _byName.Find(hash);
        while (candidates.MoveNext())
        {
            SharedFile file = _store.Files[candidates.Current];
            if (name.SequenceEqual(file.Name)) return file;
        }

        return null;
    }

    private ulong HashOf(in RegistrantKey key)
    {
        Span<byte> bytes = stackalloc byte[RegistrantKey.MaxHashedBytes];
        return _store.Hash(bytes[..key.WriteTo(bytes)]);
    }

    private ulong HashOf(PeerId id)
    {
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        id.CopyTo(bytes);
        return _store.Hash(bytes);
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
