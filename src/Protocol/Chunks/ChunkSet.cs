using System.Text;

namespace CS3103P2P.Protocol;

/// <summary>
/// A set of chunks kept as sorted, disjoint, non-adjacent runs: its memory grows with the number of runs, not of chunks.
/// For input from the network use the Try methods, whose run limit bounds that memory. Not thread-safe.
/// </summary>
public sealed class ChunkSet
{
    /// <summary>The run limit when a caller has no smaller one: 512 KiB of memory.</summary>
    public const int DefaultMaxRuns = 65_536;

    private ChunkRange[] _runs;
    private int _runCount;

    /// <summary>Makes an empty set.</summary>
    public ChunkSet() => _runs = [];

    /// <summary>Makes a set of one range.</summary>
    public ChunkSet(ChunkRange range)
        : this() => Add(range);

    private ChunkSet(ReadOnlySpan<ChunkRange> runs, int count)
    {
        _runs = runs.ToArray();
        _runCount = runs.Length;
        Count = count;
    }

    /// <summary>How many chunks the set holds.</summary>
    public int Count { get; private set; }

    /// <summary>How many runs the set consists of.</summary>
    public int RunCount => _runCount;

    /// <summary>Whether the set holds nothing.</summary>
    public bool IsEmpty => _runCount == 0;

    /// <summary>The runs in ascending order; valid until the set changes.</summary>
    public ReadOnlySpan<ChunkRange> Runs => _runs.AsSpan(0, _runCount);

    /// <summary>Whether the chunk is in the set. O(log runs).</summary>
    public bool Contains(int chunk)
    {
        int at = IndexOfRunEndingAfter(chunk);
        return at < _runCount && _runs[at].First <= chunk;
    }

    /// <summary>Whether every chunk of the range is in the set.</summary>
    public bool Contains(ChunkRange range)
    {
        int at = IndexOfRunEndingAfter(range.First);
        return range.Count == 0 || (at < _runCount && _runs[at].First <= range.First && range.End <= _runs[at].End);
    }

    /// <summary>Adds one chunk; false when it was there.</summary>
    public bool Add(int chunk) => Add(new ChunkRange(chunk, 1));

    /// <summary>Adds a range; false when all of it was there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not valid.</exception>
    public bool Add(ChunkRange range) => TryAdd(range, int.MaxValue, out bool changed) && changed;

    /// <summary>Adds a range unless the set would then have more than <paramref name="maxRuns"/> runs; then false, and nothing changes.</summary>
    public bool TryAdd(ChunkRange range, int maxRuns) => TryAdd(range, maxRuns, out _);

    /// <summary>Removes one chunk; false when it was not there.</summary>
    public bool Remove(int chunk) => Remove(new ChunkRange(chunk, 1));

    /// <summary>Removes a range; false when none of it was there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not valid.</exception>
    public bool Remove(ChunkRange range)
    {
        ThrowUnlessValid(range);
        int from = IndexOfRunEndingAfter(range.First);
        int to = from;
        int removed = 0;
        while (to < _runCount && _runs[to].First < range.End) removed += Overlap(_runs[to++], range);
        if (removed == 0) return false;
        var left = new ChunkRange(_runs[from].First, Math.Max(0, range.First - _runs[from].First));
        ChunkRange lastRun = _runs[to - 1];
        int rightFirst = Math.Max(range.End, lastRun.First);
        var right = new ChunkRange(rightFirst, Math.Max(0, lastRun.End - rightFirst));
        Replace(from, to - from, left, right);
        Count -= removed;
        return true;
    }

    /// <summary>Adds all chunks of another set.</summary>
    public void UnionWith(ChunkSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(other, this)) return;
        foreach (ChunkRange run in other.Runs) Add(run);
    }

    /// <summary>Removes all chunks of another set.</summary>
    public void ExceptWith(ChunkSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(other, this)) Clear();
        foreach (ChunkRange run in other.Runs) Remove(run);
    }

    /// <summary>Removes everything.</summary>
    public void Clear() => (_runCount, Count) = (0, 0);

    /// <summary>An independent copy.</summary>
    public ChunkSet Clone() => new(Runs, Count);

    /// <summary>Whether both sets hold the same chunks.</summary>
    public bool SetEquals(ChunkSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Runs.SequenceEqual(other.Runs);
    }

    /// <summary>Adds the chunks of a text such as <c>1-512,600</c> (counted from 1; order and overlap do not matter).</summary>
    /// <returns>False when the text is empty or malformed or the set would exceed the limit; what was read until then stays added.</returns>
    public bool TryAddText(ReadOnlySpan<byte> utf8, int maxRuns)
    {
        if (utf8.IsEmpty) return false;
        while (!utf8.IsEmpty)
        {
            if (!ChunkText.TryReadRun(ref utf8, out ChunkRange range) || !TryAdd(range, maxRuns)) return false;
        }

        return true;
    }

    /// <summary>Makes a set from a text such as <c>1-512,600</c> (counted from 1).</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, int maxRuns, out ChunkSet set)
    {
        set = new ChunkSet();
        if (set.TryAddText(utf8, maxRuns)) return true;
        set.Clear();
        return false;
    }

    /// <summary>Writes the chunks from <paramref name="fromChunk"/> on as text counted from 1; whole runs only, as many as fit.</summary>
    /// <param name="destination">Where the text goes.</param>
    /// <param name="fromChunk">First chunk to write, counted from 0.</param>
    /// <param name="bytesWritten">Length of the text; 0 when nothing is left or not even one run fits.</param>
    /// <param name="nextChunk">Where to go on when the result is false.</param>
    /// <returns>True when nothing is left after this text.</returns>
    public bool TryFormat(Span<byte> destination, int fromChunk, out int bytesWritten, out int nextChunk)
    {
        bytesWritten = 0;
        nextChunk = fromChunk;
        for (int i = IndexOfRunEndingAfter(fromChunk); i < _runCount; i++)
        {
            int first = Math.Max(_runs[i].First, fromChunk);
            nextChunk = first;
            int comma = bytesWritten == 0 ? 0 : 1;
            if (bytesWritten + comma > destination.Length) return false;
            var run = new ChunkRange(first, _runs[i].End - first);
            if (!ChunkText.TryWriteRun(run, destination[(bytesWritten + comma)..], out int written)) return false;
            if (comma > 0) destination[bytesWritten] = (byte)',';
            bytesWritten += comma + written;
        }

        nextChunk = ChunkRange.MaxChunks;
        return true;
    }

    /// <summary>The text form, counted from 1; empty for an empty set. Allocates; for logs and tests.</summary>
    public override string ToString()
    {
        byte[] text = new byte[_runCount * (ChunkText.MaxRunLength + 1)];
        TryFormat(text, 0, out int length, out _);
        return Encoding.ASCII.GetString(text, 0, length);
    }

    private bool TryAdd(ChunkRange range, int maxRuns, out bool changed)
    {
        ThrowUnlessValid(range);
        changed = false;
        if (range.Count == 0) return true;
        int from = IndexOfRunEndingAfter(range.First - 1); // also takes the run that ends just before the range
        int to = from;
        int first = range.First;
        int end = range.End;
        int covered = 0;
        while (to < _runCount && _runs[to].First <= range.End)
        {
            first = Math.Min(first, _runs[to].First);
            end = Math.Max(end, _runs[to].End);
            covered += _runs[to++].Count;
        }

        if (covered == end - first && to - from == 1) return true;
        if (_runCount - (to - from) + 1 > maxRuns) return false;
        Replace(from, to - from, new ChunkRange(first, end - first), default);
        Count += end - first - covered;
        return changed = true;
    }

    // Puts up to two runs (those that are not empty) in the place of `removed` runs.
    private void Replace(int at, int removed, ChunkRange left, ChunkRange right)
    {
        int added = (left.Count > 0 ? 1 : 0) + (right.Count > 0 ? 1 : 0);
        int newCount = _runCount - removed + added;
        if (newCount > _runs.Length) Array.Resize(ref _runs, Math.Max(newCount, Math.Max(4, _runs.Length * 2)));
        Array.Copy(_runs, at + removed, _runs, at + added, _runCount - at - removed);
        if (left.Count > 0) _runs[at++] = left;
        if (right.Count > 0) _runs[at] = right;
        _runCount = newCount;
    }

    private int IndexOfRunEndingAfter(int chunk)
    {
        int low = 0;
        int high = _runCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_runs[middle].End <= chunk) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static int Overlap(ChunkRange a, ChunkRange b) => Math.Max(0, Math.Min(a.End, b.End) - Math.Max(a.First, b.First));

    private static void ThrowUnlessValid(ChunkRange range)
    {
        if (!range.IsValid) throw new ArgumentOutOfRangeException(nameof(range), range, "Not a valid range of chunks.");
    }
}
