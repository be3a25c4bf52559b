using System.Buffers.Binary;

namespace CS3103P2P.Stun;

/// <summary>The CRC-32 of ITU-T V.42 (polynomial 0xEDB88320 reflected), which FINGERPRINT uses.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Entries = 256;

    // Four tables, one after another: that of a byte, and those of a byte that one, two and three others follow.
    private static readonly uint[] Tables = BuildTables();

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint[] tables = Tables;
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            crc = tables[(3 * Entries) + (byte)crc] ^ tables[(2 * Entries) + (byte)(crc >> 8)] ^ tables[Entries + (byte)(crc >> 16)] ^ tables[crc >> 24];
        }

        foreach (byte value in bytes) crc = tables[(byte)crc ^ value] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] BuildTables()
    {
        var tables = new uint[sizeof(uint) * Entries];
        for (uint i = 0; i < Entries; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++) entry = (entry & 1) != 0 ? (entry >> 1) ^ Polynomial : entry >> 1;
            tables[i] = entry;
        }

        for (int i = Entries; i < tables.Length; i++) tables[i] = tables[(byte)tables[i - Entries]] ^ (tables[i - Entries] >> 8);
        return tables;
    }
}
