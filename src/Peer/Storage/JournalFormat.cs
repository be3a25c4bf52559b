using System.Buffers.Binary;
using System.Numerics;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>
/// The journal of a download, from which it resumes. A record counts only when its checksum matches, and the checksum covers its place in the file,
/// so that neither a torn end nor remains of an older journal are taken for records.
/// <code>
/// header: "P2PRESUM" | version 1 | kind | log2 of chunk size | 0 | size (8) | root (32) | CRC-32C (4)
/// record: type (1) | payload length (4) | payload | CRC-32C of (place in the file (8), type, length, payload) (4)
/// </code>
/// Numbers are little-endian. A run is written after its data was written, and counts as safe when a later record says that the data was
/// brought to the disk, or when the kernel has not restarted since.
/// </summary>
internal static class JournalFormat
{
    internal const int HeaderBytes = 56;
    internal const int RecordPrefixBytes = 5;
    internal const int ChecksumBytes = 4;
    internal const int RunBytes = 8;
    internal const int BootIdBytes = 16;

    /// <summary>Longest payload: a manifest.</summary>
    internal const int MaxPayloadBytes = ShareManifest.MaxBytes;

    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "P2PRESUM"u8;

    internal static byte[] MakeHeader(ShareDescriptor descriptor)
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        header[8] = Version;
        header[9] = (byte)descriptor.Kind;
        header[10] = (byte)BitOperations.Log2((uint)descriptor.ChunkSize);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), descriptor.SizeBytes);
        descriptor.Root.CopyTo(header.AsSpan(20));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(HeaderBytes - ChecksumBytes), Checksum(0, header.AsSpan(0, HeaderBytes - ChecksumBytes)));
        return header;
    }

    /// <summary>Whether these bytes are an undamaged header, of whatever share.</summary>
    internal static bool IsHeader(ReadOnlySpan<byte> bytes) =>
        bytes.Length == HeaderBytes
        && bytes.StartsWith(Magic)
        && bytes[8] == Version
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumBytes..]) == Checksum(0, bytes[..^ChecksumBytes]);

    /// <summary>Makes the bytes of a record that will be written at this place, around a payload that is in its place already.</summary>
    /// <param name="position">Where the record goes.</param>
    /// <param name="type">What it tells.</param>
    /// <param name="record">The whole record; its payload begins at <see cref="RecordPrefixBytes"/>.</param>
    internal static void CompleteRecord(long position, JournalRecordType type, Span<byte> record)
    {
        record[0] = (byte)type;
        BinaryPrimitives.WriteInt32LittleEndian(record[1..], record.Length - RecordPrefixBytes - ChecksumBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record[^ChecksumBytes..], Checksum(position, record[..^ChecksumBytes]));
    }

    /// <summary>Reads the type and payload length of a record; false when they cannot be right.</summary>
    internal static bool TryReadPrefix(ReadOnlySpan<byte> prefix, out JournalRecordType type, out int payloadBytes)
    {
        type = (JournalRecordType)prefix[0];
        payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(prefix[1..]);
        return type is >= JournalRecordType.Boot and <= JournalRecordType.Lost && payloadBytes is >= 0 and <= MaxPayloadBytes;
    }

    /// <summary>Whether the checksum at the end of a record matches.</summary>
    internal static bool IsIntact(long position, ReadOnlySpan<byte> record) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[^ChecksumBytes..]) == Checksum(position, record[..^ChecksumBytes]);

    internal static void WriteRuns(ReadOnlySpan<ChunkRange> runs, Span<byte> payload)
    {
        for (int i = 0; i < runs.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload[(i * RunBytes)..], runs[i].First);
            BinaryPrimitives.WriteInt32LittleEndian(payload[((i * RunBytes) + 4)..], runs[i].Count);
        }
    }

    internal static bool TryReadRuns(ReadOnlySpan<byte> payload, int chunkCount, out ChunkSet set)
    {
        set = new ChunkSet();
        if (payload.Length % RunBytes != 0) return false;
        for (; !payload.IsEmpty; payload = payload[RunBytes..])
        {
            var run = new ChunkRange(BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt32LittleEndian(payload[4..]));
            if (!run.IsValid || run.End > chunkCount) return false;
            set.Add(run);
        }

        return true;
    }

    private static uint Checksum(long position, ReadOnlySpan<byte> bytes)
    {
        uint crc = BitOperations.Crc32C(uint.MaxValue, (ulong)position);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
