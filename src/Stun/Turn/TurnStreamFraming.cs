using System.Buffers.Binary;

namespace CS3103P2P.Stun;

/// <summary>Finds the ends of STUN and ChannelData messages in a TCP or TLS stream (RFC 8656 §3.1, RFC 8489 §6.2.2).</summary>
internal static class TurnStreamFraming
{
    /// <summary>So many bytes tell how long the message is.</summary>
    public const int PrefixBytes = 4;

    /// <summary>No message is longer: 16 bits of length, and a header.</summary>
    public const int MaxFrameBytes = ushort.MaxValue + StunHeader.SizeInBytes + 3;

    /// <summary>The length of the message that begins with this prefix.</summary>
    /// <param name="prefix">At least <see cref="PrefixBytes"/>.</param>
    /// <param name="frameBytes">Bytes in all, padding included.</param>
    /// <returns>False when no message begins so; the stream is lost.</returns>
    public static bool TryGetFrameBytes(ReadOnlySpan<byte> prefix, out int frameBytes)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(prefix[2..]);
        bool isStun = (prefix[0] & 0xC0) == 0;
        frameBytes = isStun ? StunHeader.SizeInBytes + length : ChannelData.HeaderBytes + StunHeader.Padded(length);
        return isStun ? (length & 3) == 0 : (prefix[0] & 0xC0) == 0x40;
    }
}
