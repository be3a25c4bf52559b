using System.Buffers.Binary;

namespace CS3103P2P.Fuzz;

/// <summary>Makes wrong inputs of right ones.</summary>
internal sealed class Mutator(Random random)
{
    private const int MaxSteps = 6;
    private static readonly byte[][] Tokens =
    [
        "="u8.ToArray(), " "u8.ToArray(), "|"u8.ToArray(), ","u8.ToArray(), "-"u8.ToArray(), "%00"u8.ToArray(), "%"u8.ToArray(), "\r\n"u8.ToArray(), "\0"u8.ToArray(),
        "chunks=1-2147483647"u8.ToArray(), "4294967296"u8.ToArray(), "-1"u8.ToArray(), "id="u8.ToArray(), "&size=9223372036854775807"u8.ToArray(), "../"u8.ToArray(),
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x21, 0x12, 0xA4, 0x42], [0xC0, 0x0C], [0xED, 0xA0, 0x80],
    ];
    private static readonly uint[] Numbers = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>An input made of one from the corpus; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next(IReadOnlyList<byte[]> corpus)
    {
        byte[] origin = corpus[random.Next(corpus.Count)];
        origin.CopyTo(_buffer, 0);
        int length = origin.Length;
        for (int step = random.Next(1, MaxSteps); step > 0; step--) length = Mutate(length, corpus);
        return _buffer.AsSpan(0, length);
    }

    private int Mutate(int length, IReadOnlyList<byte[]> corpus)
    {
        int at = random.Next(length + 1);
        switch (random.Next(9))
        {
            case 0 when at < length:
                _buffer[at] ^= (byte)(1 << random.Next(8));
                return length;
            case 1 when at < length:
                _buffer[at] = (byte)random.Next(256);
                return length;
            case 2:
                return at;
            case 3 when at < length:
                return Remove(at, random.Next(1, Math.Min(16, length - at) + 1), length);
            case 4:
                return Insert(at, Tokens[random.Next(Tokens.Length)], length);
            case 5:
                byte[] other = corpus[random.Next(corpus.Count)];
                int from = random.Next(other.Length + 1);
                return Insert(at, other.AsSpan(from, random.Next(other.Length - from + 1)), length);
            case 6 when length - at >= sizeof(uint):
                uint number = Numbers[random.Next(Numbers.Length)];
                if (random.Next(2) == 0) BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(at), number);
                else BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(at), number);
                return length;
            case 7 when length - at >= sizeof(ushort):
                BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(at), (ushort)Numbers[random.Next(Numbers.Length)]);
                return length;
            case 8 when at < length:
                return Insert(at, _buffer.AsSpan(at, random.Next(1, Math.Min(32, length - at) + 1)).ToArray(), length);
            default:
                return length;
        }
    }

    private int Remove(int at, int count, int length)
    {
        _buffer.AsSpan(at + count, length - at - count).CopyTo(_buffer.AsSpan(at));
        return length - count;
    }

    private int Insert(int at, ReadOnlySpan<byte> bytes, int length)
    {
        if (length + bytes.Length > _buffer.Length / 2) return length;
        _buffer.AsSpan(at, length - at).CopyTo(_buffer.AsSpan(at + bytes.Length));
        bytes.CopyTo(_buffer.AsSpan(at));
        return length + bytes.Length;
    }
}
