using System.Buffers.Binary;
using System.Numerics;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>
/// The frame of a snapshot of the registry. Numbers are little-endian, checksums CRC-32C.
/// <code>
/// header   "P2PTRACK" | version u16 | 0 u16 | written at, Unix milliseconds i64 | checksum u32
/// block    length of payload u32 | number from 0 u32 | checksum u32, begun with the header's | payload
/// payload  'R' registrants...        as many blocks as it takes
///          'E' registrants u64 | entries u64 , the last block; nothing follows it
/// </code>
/// </summary>
internal static class SnapshotFormat
{
    /// <summary>The version that is written; others are not read.</summary>
    public const int Version = 1;

    /// <summary>Length of the header.</summary>
    public const int HeaderBytes = 24;

    /// <summary>Length of what stands before a block's payload.</summary>
    public const int BlockHeaderBytes = 12;

    /// <summary>The longest payload.</summary>
    public const int MaxPayloadBytes = 2 << 20;

    /// <summary>Begins a payload with registrants.</summary>
    public const byte RegistrantsKind = (byte)'R';

    /// <summary>Begins the last payload.</summary>
    public const byte EndKind = (byte)'E';

    /// <summary>Length of the last payload.</summary>
    public const int EndPayloadBytes = 17;

    private const int ChecksumAt = 20;

    private static ReadOnlySpan<byte> Magic => "P2PTRACK"u8;

    /// <summary>Writes the header.</summary>
    /// <returns>Its checksum, with which those of the blocks begin.</returns>
    public static uint WriteHeader(Span<byte> header, long unixMilliseconds)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], unixMilliseconds);
        uint checksum = Checksum(0, header[..ChecksumAt]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChecksumAt..], checksum);
        return checksum;
    }

    /// <summary>Reads the header; <see cref="SnapshotError.None"/> when it is one of ours.</summary>
    public static SnapshotError TryReadHeader(ReadOnlySpan<byte> header, out long unixMilliseconds, out uint checksum)
    {
        (unixMilliseconds, checksum) = (0, 0);
        if (header.Length < HeaderBytes) return Magic.StartsWith(header[..Math.Min(header.Length, Magic.Length)]) ? SnapshotError.Truncated : SnapshotError.Foreign;
        if (!header.StartsWith(Magic)) return SnapshotError.Foreign;
        if (BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != Version) return SnapshotError.OtherVersion;
        checksum = BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumAt..]);
        unixMilliseconds = BinaryPrimitives.ReadInt64LittleEndian(header[12..]);
        return checksum == Checksum(0, header[..ChecksumAt]) && unixMilliseconds >= 0 ? SnapshotError.None : SnapshotError.BadChecksum;
    }

    /// <summary>Writes what stands before a payload.</summary>
    public static void WriteBlockHeader(Span<byte> header, uint seed, uint number, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Checksum(Checksum(seed, header[..8]), payload));
    }

    /// <summary>The length of the payload that follows; 0 when the number or the length is wrong.</summary>
    public static int ReadPayloadLength(ReadOnlySpan<byte> header, uint number)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length is > 0 and <= MaxPayloadBytes && BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == number ? length : 0;
    }

    /// <summary>Whether a payload is what was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> header, uint seed, ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == Checksum(Checksum(seed, header[..8]), payload);

    /// <summary>CRC-32C (Castagnoli), eight bytes at a time where the processor can.</summary>
    public static uint Checksum(uint seed, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~seed;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
