using System.Buffers.Binary;

namespace CS3103P2P.Stun;

/// <summary>FINGERPRINT (RFC 8489 §14.7): the CRC-32 of all before it, XORed with 0x5354554E; always last.</summary>
internal static class FingerprintAttribute
{
    public const int ValueBytes = 4;
    private const uint Mask = 0x5354554E;

    /// <param name="precedingBytes">The message up to the attribute's header, its length field counting the attribute.</param>
    /// <param name="value">The attribute's value.</param>
    public static bool IsValid(ReadOnlySpan<byte> precedingBytes, ReadOnlySpan<byte> value) =>
        value.Length == ValueBytes && BinaryPrimitives.ReadUInt32BigEndian(value) == Compute(precedingBytes);

    public static uint Compute(ReadOnlySpan<byte> precedingBytes) => Crc32.Compute(precedingBytes) ^ Mask;
}
