using System.Numerics;

namespace CS3103P2P.Protocol;

/// <summary>
/// Chunks that the sender can serve (<see cref="PeerMessageType.Have"/>), in addition to those named before: as runs (packed first, count,
/// first, count ...), as a bitmap (least significant bit first) from a given chunk, or both.
/// </summary>
public readonly ref struct HaveMessage
{
    /// <summary>Most runs in one message.</summary>
    public const int MaxRuns = 4096;

    /// <summary>Longest bitmap in one message, in bytes.</summary>
    public const int MaxBitmapBytes = 32 * 1024;

    /// <summary>Longest message, in bytes.</summary>
    public const int MaxBytes = 24 + (MaxRuns * 10) + MaxBitmapBytes;

    private const int FieldRuns = 1;
    private const int FieldBitmapFirst = 2;
    private const int FieldBitmap = 3;

    private readonly ReadOnlySpan<byte> _runs;
    private readonly ReadOnlySpan<byte> _bitmap;
    private readonly int _bitmapFirst;

    private HaveMessage(ReadOnlySpan<byte> runs, ReadOnlySpan<byte> bitmap, int bitmapFirst)
    {
        _runs = runs;
        _bitmap = bitmap;
        _bitmapFirst = bitmapFirst;
    }

    /// <summary>Reads a message; false unless every run in it is well formed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out HaveMessage have)
    {
        have = default;
        var reader = new ProtoReader(message);
        ReadOnlySpan<byte> runs = default, bitmap = default;
        int bitmapFirst = 0;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = (field, wire) switch
            {
                (FieldRuns, ProtoReader.WireBytes) => runs.IsEmpty && reader.TryReadBytes(out runs),
                (FieldBitmapFirst, ProtoReader.WireVarint) => reader.TryReadInt32(out bitmapFirst),
                (FieldBitmap, ProtoReader.WireBytes) => bitmap.IsEmpty && reader.TryReadBytes(out bitmap),
                _ => reader.TrySkip(wire),
            };
            if (!read) return false;
        }

        if (bitmap.Length > MaxBitmapBytes || bitmapFirst > int.MaxValue - (MaxBitmapBytes * 8)) return false;
        var numbers = new ProtoReader(runs);
        for (int count = 0; !numbers.IsAtEnd; count++)
        {
            if (count == MaxRuns || !TryReadRun(ref numbers, out _)) return false;
        }

        have = new HaveMessage(runs, bitmap, bitmapFirst);
        return true;
    }

    /// <summary>Writes a message of runs; 0 when the destination is too short.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxRuns"/> runs.</exception>
    public static int WriteRuns(Span<byte> destination, ReadOnlySpan<ChunkRange> runs)
    {
        if (runs.Length > MaxRuns) throw new ArgumentException("Too many runs for one message.", nameof(runs));
        int length = 0;
        foreach (ChunkRange run in runs) length += ProtoWriter.VarintSize((ulong)run.First) + ProtoWriter.VarintSize((ulong)run.Count);
        var writer = new ProtoWriter(destination);
        writer.WriteBytesHeader(FieldRuns, length);
        foreach (ChunkRange run in runs)
        {
            writer.WriteVarint((ulong)run.First);
            writer.WriteVarint((ulong)run.Count);
        }

        return writer.Overflowed ? 0 : writer.Length;
    }

    /// <summary>Writes a message of a bitmap, least significant bit first; 0 when the destination is too short.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxBitmapBytes"/>.</exception>
    public static int WriteBitmap(Span<byte> destination, int firstChunk, ReadOnlySpan<byte> bitmap)
    {
        if (bitmap.Length > MaxBitmapBytes) throw new ArgumentException("Too long a bitmap for one message.", nameof(bitmap));
        var writer = new ProtoWriter(destination);
        writer.WriteVarintField(FieldBitmapFirst, (ulong)firstChunk);
        writer.WriteBytesField(FieldBitmap, bitmap);
        return writer.Overflowed ? 0 : writer.Length;
    }

    /// <summary>Goes through the runs, then through the runs of set bits of the bitmap.</summary>
    public Enumerator GetEnumerator() => new(this);

    private static bool TryReadRun(ref ProtoReader reader, out ChunkRange run)
    {
        run = default;
        if (!reader.TryReadInt32(out int first) || !reader.TryReadInt32(out int count)) return false;
        if (count == 0 || first > int.MaxValue - count) return false;
        run = new ChunkRange(first, count);
        return true;
    }

    /// <summary>Goes through the chunks of a message, run by run.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _bitmap;
        private readonly int _bitmapFirst;
        private ProtoReader _runs;
        private int _bit;
        private ChunkRange _current;

        internal Enumerator(HaveMessage message)
        {
            _runs = new ProtoReader(message._runs);
            _bitmap = message._bitmap;
            _bitmapFirst = message._bitmapFirst;
        }

        /// <summary>The run reached.</summary>
        public readonly ChunkRange Current => _current;

        /// <summary>Goes to the next run.</summary>
        public bool MoveNext()
        {
            if (!_runs.IsAtEnd) return TryReadRun(ref _runs, out _current);
            int first = Next(_bit, wanted: true);
            if (first < 0) return false;
            int end = Next(first, wanted: false);
            if (end < 0) end = _bitmap.Length * 8;
            _bit = end;
            _current = new ChunkRange(_bitmapFirst + first, end - first);
            return true;
        }

        private readonly int Next(int from, bool wanted)
        {
            for (int index = from >> 3; index < _bitmap.Length; index++)
            {
                uint bits = wanted ? _bitmap[index] : (byte)~_bitmap[index];
                if (index == from >> 3) bits &= 0xFFu << (from & 7);
                if (bits != 0) return (index * 8) + BitOperations.TrailingZeroCount(bits);
            }

            return -1;
        }
    }
}
