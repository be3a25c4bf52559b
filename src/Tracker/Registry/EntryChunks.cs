using System.Runtime.InteropServices;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>The chunks of an entry: one run in the entry itself, or a set beside it.</summary>
internal readonly struct EntryChunks(EntryStore store, int id)
{
    /// <summary>The runs in ascending order; valid until the entry changes.</summary>
    public ReadOnlySpan<ChunkRange> Runs
    {
        get
        {
            ref EntryData data = ref store.Data[id];
            if (data.Run.Count == EntryData.HasSet) return store.Sets[data.Run.First].Runs;
            return MemoryMarshal.CreateReadOnlySpan(ref data.Run, data.Run.Count == 0 ? 0 : 1);
        }
    }

    /// <summary>How many runs there are.</summary>
    public int RunCount => Runs.Length;

    /// <summary>How many chunks there are.</summary>
    public int Count => Set?.Count ?? store.Data[id].Run.Count;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether a chunk is among them.</summary>
    public bool Contains(int chunk)
    {
        if (chunk < 0) return false;
        if (Set is { } set) return set.Contains(chunk);
        ChunkRange run = store.Data[id].Run;
        return chunk >= run.First && chunk < run.End;
    }

    /// <summary>Whether a chunk (-1 for none) and all chunks of a text are among them.</summary>
    public bool Covers(int chunk, ReadOnlySpan<byte> text)
    {
        if (chunk >= 0 && !Contains(chunk)) return false;
        while (!text.IsEmpty)
        {
            if (!ChunkText.TryReadRun(ref text, out ChunkRange range) || !Contains(range)) return false;
        }

        return true;
    }

    private bool Contains(ChunkRange range)
    {
        if (Set is { } set) return set.Contains(range);
        ChunkRange run = store.Data[id].Run;
        return range.First >= run.First && range.End <= run.End;
    }

    private ChunkSet? Set
    {
        get
        {
            ChunkRange run = store.Data[id].Run;
            return run.Count == EntryData.HasSet ? store.Sets[run.First] : null;
        }
    }

    /// <summary>Writes them as <see cref="ChunkSet.TryFormat"/> does.</summary>
    public bool TryFormat(Span<byte> destination, int fromChunk, out int bytesWritten, out int nextChunk)
    {
        if (Set is { } set) return set.TryFormat(destination, fromChunk, out bytesWritten, out nextChunk);
        ChunkRange run = store.Data[id].Run;
        (bytesWritten, nextChunk) = (0, ChunkRange.MaxChunks);
        if (run.Count == 0 || run.End <= fromChunk) return true;
        int first = Math.Max(run.First, fromChunk);
        if (ChunkText.TryWriteRun(new ChunkRange(first, run.End - first), destination, out bytesWritten)) return true;
        (bytesWritten, nextChunk) = (0, first);
        return false;
    }

    /// <summary>Adds a chunk (-1 for none) and chunks as text; false when there would be too many runs, and then some may have been added.</summary>
    public bool TryAdd(int chunk, ReadOnlySpan<byte> text, int maxRuns)
    {
        ChunkSet set = Set ?? store.Scratch(store.Data[id].Run);
        bool added = chunk < 0 || set.TryAdd(new ChunkRange(chunk, 1), maxRuns);
        added = added && (text.IsEmpty || set.TryAddText(text, maxRuns));
        Keep(set);
        return added;
    }

    /// <summary>Forgets all chunks.</summary>
    public void Clear()
    {
        ref EntryData data = ref store.Data[id];
        if (data.Run.Count == EntryData.HasSet) store.Sets.Remove(data.Run.First);
        data.Run = default;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new ChunkSet();
        foreach (ChunkRange run in Runs) text.Add(run);
        return text.ToString();
    }

    private void Keep(ChunkSet set)
    {
        ref EntryData data = ref store.Data[id];
        bool hadSet = data.Run.Count == EntryData.HasSet;
        if (set.RunCount > 1)
        {
            if (!hadSet) data.Run = new ChunkRange(store.Sets.Add(set.Clone()), EntryData.HasSet);
            return;
        }

        ChunkRange only = set.IsEmpty ? default : set.Runs[0];
        if (hadSet) store.Sets.Remove(data.Run.First);
        data.Run = only;
    }
}
