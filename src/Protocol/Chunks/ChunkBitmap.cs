using System.Buffers.Binary;
using System.Numerics;

namespace CS3103P2P.Protocol;

/// <summary>
/// One bit a chunk, for a picker that asks often. As bytes, chunk <c>i</c> is bit <c>i % 8</c> (counted from the least significant) of byte
/// <c>i / 8</c>, and the spare bits at the end are zero. Not thread-safe.
/// </summary>
public sealed class ChunkBitmap
{
    private const int BitsPerWord = 64;
    private readonly ulong[] _words;

    /// <summary>Makes a bitmap with no chunk set.</summary>
    /// <param name="length">Number of chunks, from 0 to <see cref="ChunkRange.MaxChunks"/>.</param>
    public ChunkBitmap(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _words = new ulong[WordsFor(length)];
    }

    /// <summary>Number of chunks that the bitmap covers.</summary>
    public int Length { get; }

    /// <summary>Number of chunks that are set.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every chunk is set; true for a bitmap of no chunks.</summary>
    public bool IsFull => Count == Length;

    /// <summary>Length of the byte form.</summary>
    public int SizeInBytes => (int)(((long)Length + 7) / 8);

    /// <summary>Whether the chunk is set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bitmap has no such chunk.</exception>
    public bool IsSet(int chunk)
    {
        ThrowUnlessInside(chunk);
        return (_words[chunk / BitsPerWord] & BitOf(chunk)) != 0;
    }

    /// <summary>Sets the chunk; false when it was set.</summary>
    public bool Set(int chunk)
    {
        ThrowUnlessInside(chunk);
        ref ulong word = ref _words[chunk / BitsPerWord];
        if ((word & BitOf(chunk)) != 0) return false;
        word |= BitOf(chunk);
        Count++;
        return true;
    }

    /// <summary>Clears the chunk; false when it was clear.</summary>
    public bool Clear(int chunk)
    {
        ThrowUnlessInside(chunk);
        ref ulong word = ref _words[chunk / BitsPerWord];
        if ((word & BitOf(chunk)) == 0) return false;
        word &= ~BitOf(chunk);
        Count--;
        return true;
    }

    /// <summary>Sets every chunk of the range that lies inside the bitmap.</summary>
    public void Set(ChunkRange range) => Change(range, set: true);

    /// <summary>Clears every chunk of the range that lies inside the bitmap.</summary>
    public void Clear(ChunkRange range) => Change(range, set: false);

    /// <summary>Sets every chunk.</summary>
    public void SetAll() => Set(new ChunkRange(0, Length));

    /// <summary>The first set chunk at or after <paramref name="from"/>; -1 when there is none.</summary>
    public int NextSet(int from) => Next(from, 0);

    /// <summary>The first clear chunk at or after <paramref name="from"/>; -1 when there is none.</summary>
    public int NextClear(int from) => Next(from, ulong.MaxValue);

    /// <summary>The first chunk at or after <paramref name="from"/> that is set here and in <paramref name="other"/>; -1 when there is none.</summary>
    /// <exception cref="ArgumentException">The bitmaps differ in length.</exception>
    public int NextSetInBoth(ChunkBitmap other, int from)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Length != Length) throw new ArgumentException("The bitmaps differ in length.", nameof(other));
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        if (from >= Length) return -1;
        int index = from / BitsPerWord;
        ulong word = _words[index] & other._words[index] & (ulong.MaxValue << (from % BitsPerWord));
        while (word == 0)
        {
            if (++index == _words.Length) return -1;
            word = _words[index] & other._words[index];
        }

        return (int)(((long)index * BitsPerWord) + BitOperations.TrailingZeroCount(word));
    }

    /// <summary>An independent copy.</summary>
    public ChunkBitmap Clone()
    {
        var copy = new ChunkBitmap(Length) { Count = Count };
        _words.CopyTo(copy._words, 0);
        return copy;
    }

    /// <summary>Sets what the runs of the set cover inside the bitmap.</summary>
    public void UnionWith(ChunkSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        foreach (ChunkRange run in set.Runs) Set(run);
    }

    /// <summary>The set chunks as runs.</summary>
    public ChunkSet ToChunkSet()
    {
        var set = new ChunkSet();
        for (int first = NextSet(0); first >= 0;)
        {
            int end = NextClear(first);
            if (end < 0) end = Length;
            set.Add(new ChunkRange(first, end - first));
            first = end < Length ? NextSet(end) : -1;
        }

        return set;
    }

    /// <summary>Writes the byte form; returns its length, <see cref="SizeInBytes"/>.</summary>
    /// <exception cref="ArgumentException">The span is too short.</exception>
    public int CopyTo(Span<byte> destination)
    {
        if (destination.Length < SizeInBytes) throw new ArgumentException("The span is too short for the bitmap.", nameof(destination));
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < _words.Length; i++)
        {
            Span<byte> target = destination[(i * sizeof(ulong))..SizeInBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(last, _words[i]);
            last[..Math.Min(sizeof(ulong), target.Length)].CopyTo(target);
        }

        return SizeInBytes;
    }

    /// <summary>Reads the byte form; false when its length is wrong or a spare bit is set.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int length, out ChunkBitmap bitmap)
    {
        bitmap = new ChunkBitmap(0);
        if (length < 0 || bytes.Length != ((long)length + 7) / 8) return false;
        int spareBits = (bytes.Length * 8) - length;
        if (spareBits > 0 && bytes[^1] >> (8 - spareBits) != 0) return false;
        var read = new ChunkBitmap(length);
        for (int i = 0; i < bytes.Length; i++) read._words[i / sizeof(ulong)] |= (ulong)bytes[i] << (i % sizeof(ulong) * 8);
        int count = 0;
        foreach (ulong word in read._words) count += BitOperations.PopCount(word);
        read.Count = count;
        bitmap = read;
        return true;
    }

    private void Change(ChunkRange range, bool set)
    {
        if (!range.IsValid) throw new ArgumentOutOfRangeException(nameof(range), range, "Not a valid range of chunks.");
        int end = Math.Min(range.End, Length);
        for (int at = range.First; at < end;)
        {
            int bits = Math.Min(BitsPerWord - (at % BitsPerWord), end - at);
            ulong mask = (bits == BitsPerWord ? ulong.MaxValue : (1UL << bits) - 1) << (at % BitsPerWord);
            ref ulong word = ref _words[at / BitsPerWord];
            ulong after = set ? word | mask : word & ~mask;
            Count += BitOperations.PopCount(after) - BitOperations.PopCount(word);
            word = after;
            at += bits;
        }
    }

    // `flip` turns the search for a clear bit into the search for a set one.
    private int Next(int from, ulong flip)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        if (from >= Length) return -1;
        int index = from / BitsPerWord;
        ulong word = (_words[index] ^ flip) & (ulong.MaxValue << (from % BitsPerWord));
        while (word == 0)
        {
            if (++index == _words.Length) return -1;
            word = _words[index] ^ flip;
        }

        long found = ((long)index * BitsPerWord) + BitOperations.TrailingZeroCount(word);
        return found < Length ? (int)found : -1;
    }

    private static int WordsFor(int length) => (int)(((long)length + BitsPerWord - 1) / BitsPerWord);

    private static ulong BitOf(int chunk) => 1UL << (chunk % BitsPerWord);

    private void ThrowUnlessInside(int chunk)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chunk, Length);
    }
}
