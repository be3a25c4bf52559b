using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>The value of MAPPED-ADDRESS and its kin (RFC 8489 §14.1): zero, family, port, address.</summary>
internal static class AddressAttribute
{
    public const byte FamilyIPv4 = 1;
    public const byte FamilyIPv6 = 2;
    public const int IPv4Bytes = 8;
    public const int IPv6Bytes = 20;

    public static bool TryRead(ReadOnlySpan<byte> value, out TransportAddress address)
    {
        address = default;
        if (value.Length < IPv4Bytes) return false;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
        switch (value[1])
        {
            case FamilyIPv4 when value.Length == IPv4Bytes:
                address = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(value[4..]), port);
                return true;
            case FamilyIPv6 when value.Length == IPv6Bytes:
                address = TransportAddress.FromBits(BinaryPrimitives.ReadUInt128BigEndian(value[4..]), port);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes the value; the span must hold <see cref="IPv6Bytes"/>.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(TransportAddress address, Span<byte> destination)
    {
        destination[0] = 0;
        destination[1] = address.IsIPv4 ? FamilyIPv4 : FamilyIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], address.Port);
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[4..], address.ToIPv4Bits());
            return IPv4Bytes;
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination[4..], address.AddressBits);
        return IPv6Bytes;
    }
}
