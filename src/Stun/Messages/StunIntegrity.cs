using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CS3103P2P.Stun;

/// <summary>Checks MESSAGE-INTEGRITY (RFC 8489 §14.5) and MESSAGE-INTEGRITY-SHA256 (§14.6).</summary>
public static class StunIntegrity
{
    /// <summary>Longest message whose integrity is checked, in bytes; no request or response comes near it.</summary>
    public const int MaxMessageBytes = 2048;

    internal const int Sha1Bytes = HMACSHA1.HashSizeInBytes;
    internal const int Sha256Bytes = HMACSHA256.HashSizeInBytes;
    private const int MinTruncatedSha256Bytes = 16;

    /// <summary>
    /// Whether the strongest integrity attribute in the message is right under the key; false when there is none.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="key">From <see cref="StunCredentials"/>.</param>
    public static bool Verify(in StunMessage message, ReadOnlySpan<byte> key) =>
        message.Has(StunAttributeType.MessageIntegritySha256) ? VerifySha256(message, key) : VerifySha1(message, key);

    /// <summary>Whether MESSAGE-INTEGRITY is there and right.</summary>
    public static bool VerifySha1(in StunMessage message, ReadOnlySpan<byte> key)
    {
        if (!TryFind(message, StunAttributeType.MessageIntegrity, out StunAttributeView attribute)) return false;
        if (attribute.Value.Length != Sha1Bytes || message.Bytes.Length > MaxMessageBytes) return false;
        Span<byte> mac = stackalloc byte[Sha1Bytes];
        ComputeSha1(message.Bytes[..attribute.Offset], key, mac);
        return CryptographicOperations.FixedTimeEquals(mac, attribute.Value);
    }

    /// <summary>Whether MESSAGE-INTEGRITY is there and right.</summary>
    /// <param name="message">The message.</param>
    /// <param name="hmac">HMAC-SHA1 under the key, made once for many messages.</param>
    internal static bool VerifySha1(in StunMessage message, IncrementalHash hmac)
    {
        if (!TryFind(message, StunAttributeType.MessageIntegrity, out StunAttributeView attribute)) return false;
        if (attribute.Value.Length != Sha1Bytes || message.Bytes.Length > MaxMessageBytes) return false;
        Span<byte> mac = stackalloc byte[Sha1Bytes];
        ComputeSha1(message.Bytes[..attribute.Offset], hmac, mac);
        return CryptographicOperations.FixedTimeEquals(mac, attribute.Value);
    }

    /// <summary>Whether MESSAGE-INTEGRITY-SHA256 is there and right; it may be cut to no less than 16 bytes.</summary>
    public static bool VerifySha256(in StunMessage message, ReadOnlySpan<byte> key)
    {
        if (!TryFind(message, StunAttributeType.MessageIntegritySha256, out StunAttributeView attribute)) return false;
        int length = attribute.Value.Length;
        if (length is < MinTruncatedSha256Bytes or > Sha256Bytes || (length & 3) != 0) return false;
        if (message.Bytes.Length > MaxMessageBytes) return false;
        Span<byte> mac = stackalloc byte[Sha256Bytes];
        ComputeSha256(message.Bytes[..attribute.Offset], length, key, mac);
        return CryptographicOperations.FixedTimeEquals(mac[..length], attribute.Value);
    }

    // The HMAC covers the bytes before the attribute, with the header's length as if the attribute were the last one.
    [SuppressMessage("Security", "CA5350", Justification = "The algorithm is the protocol's.")]
    internal static void ComputeSha1(ReadOnlySpan<byte> precedingBytes, ReadOnlySpan<byte> key, Span<byte> mac)
    {
        Span<byte> copy = stackalloc byte[MaxMessageBytes];
        copy = CopyWithLength(precedingBytes, Sha1Bytes, copy);
        HMACSHA1.HashData(key, copy, mac);
    }

    internal static void ComputeSha1(ReadOnlySpan<byte> precedingBytes, IncrementalHash hmac, Span<byte> mac)
    {
        Span<byte> copy = stackalloc byte[MaxMessageBytes];
        hmac.AppendData(CopyWithLength(precedingBytes, Sha1Bytes, copy));
        hmac.GetHashAndReset(mac);
    }

    internal static void ComputeSha256(ReadOnlySpan<byte> precedingBytes, int valueBytes, ReadOnlySpan<byte> key, Span<byte> mac)
    {
        Span<byte> copy = stackalloc byte[MaxMessageBytes];
        copy = CopyWithLength(precedingBytes, valueBytes, copy);
        HMACSHA256.HashData(key, copy, mac);
    }

    private static Span<byte> CopyWithLength(ReadOnlySpan<byte> precedingBytes, int valueBytes, Span<byte> copy)
    {
        precedingBytes.CopyTo(copy);
        int attributeBytes = precedingBytes.Length - StunHeader.SizeInBytes + StunHeader.AttributeHeaderBytes + valueBytes;
        BinaryPrimitives.WriteUInt16BigEndian(copy[2..], (ushort)attributeBytes);
        return copy[..precedingBytes.Length];
    }

    private static bool TryFind(in StunMessage message, StunAttributeType type, out StunAttributeView found)
    {
        foreach (StunAttributeView attribute in message)
        {
            if (attribute.Type != type) continue;
            found = attribute;
            return true;
        }

        found = default;
        return false;
    }
}
