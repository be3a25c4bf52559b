using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>The tables of the registry. All hashes are keyed, so nobody can aim at collisions.</summary>
internal sealed class EntryStore(UInt128 hashKey)
{
    private readonly ulong _key0 = (ulong)hashKey;
    private readonly ulong _key1 = (ulong)(hashKey >> 64);
    private readonly HashIndex _index = new();
    private readonly ChunkSet _scratch = new();

    /// <summary>The entries.</summary>
    public IdTable<EntryData> Data { get; } = new();

    /// <summary>Chunks of entries that have more than one run.</summary>
    public IdTable<ChunkSet> Sets { get; } = new();

    /// <summary>The files.</summary>
    public IdTable<SharedFile> Files { get; } = new();

    /// <summary>The registrants.</summary>
    public IdTable<Registrant> Registrants { get; } = new();

    /// <summary>Slots without an entry in the lists of all files together. Belongs to <see cref="EntrySlots"/>.</summary>
    public long SpareSlots { get; set; }

    /// <summary>
    /// How many of those there may be before lists give memory back that still have entries. Doing so at once would make new arrays just when very many entries
    /// end together, and the collector would stop all replies to move them.
    /// </summary>
    public long MaxSpareSlots { get; set; }

    /// <summary>The keyed hash of some bytes.</summary>
    public ulong Hash(ReadOnlySpan<byte> bytes) => SipHash.Compute(_key0, _key1, bytes);

    /// <summary>A set for work on one run.</summary>
    public ChunkSet Scratch(ChunkRange run)
    {
        _scratch.Clear();
        if (run.Count > 0) _scratch.Add(run);
        return _scratch;
    }

    /// <summary>The entry of a registrant for a file; null when there is none.</summary>
    public SwarmEntry? Find(Registrant owner, SharedFile file)
    {
        HashIndex.Candidates candidates = _index.Find(HashOf(owner.Id, file.Id));
        while (candidates.MoveNext())
        {
            ref EntryData data = ref Data[candidates.Current];
            if (data.OwnerId == owner.Id && data.FileId == file.Id) return new SwarmEntry(this, candidates.Current);
        }

        return null;
    }

    /// <summary>Adds an entry without chunks.</summary>
    public SwarmEntry Add(Registrant owner, SharedFile file)
    {
        int id = Data.Add(new EntryData { FileId = file.Id, OwnerId = owner.Id, Next = owner.FirstEntry, Previous = EntryData.None });
        if (owner.FirstEntry >= 0) Data[owner.FirstEntry].Previous = id;
        owner.FirstEntry = id;
        owner.EntryCount++;
        _index.Add(HashOf(owner.Id, file.Id), id);
        Data[id].Number = file.Entries.Add(id);
        return new SwarmEntry(this, id);
    }

    /// <summary>Removes an entry.</summary>
    public void Remove(SwarmEntry entry)
    {
        SharedFile file = entry.File;
        Registrant owner = entry.Owner;
        entry.Chunks.Clear();
        EntryData data = Data[entry.Id];
        if (data.Previous >= 0) Data[data.Previous].Next = data.Next;
        else owner.FirstEntry = data.Next;
        if (data.Next >= 0) Data[data.Next].Previous = data.Previous;
        owner.EntryCount--;
        file.Entries.Remove(data.Number);
        _index.Remove(HashOf(owner.Id, file.Id), entry.Id);
        Data.Remove(entry.Id);
    }

    private ulong HashOf(int owner, int file)
    {
        Span<byte> ids = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(ids, owner);
        BinaryPrimitives.WriteInt32LittleEndian(ids[sizeof(int)..], file);
        return Hash(ids);
    }
}
