using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>
/// How keys and addresses stand in the database.
/// <code>
/// address  IPv6 or mapped IPv4 (16)  port (2)  scope (4)
/// key      source (22)  peer id (32)              the address is proven, its port is not 0
///          source (22)  named address (22)        it is not
/// </code>
/// </summary>
internal static class RecordCodec
{
    private const int AddressBytes = 22;
    private const int ProvenKeyBytes = AddressBytes + PeerId.SizeInBytes;
    private const int UnprovenKeyBytes = AddressBytes + AddressBytes;

    /// <summary>An address as bytes.</summary>
    public static byte[] Encode(TransportAddress address)
    {
        byte[] bytes = new byte[AddressBytes];
        Write(bytes, address);
        return bytes;
    }

    /// <summary>A key as bytes.</summary>
    public static byte[] Encode(in RegistrantKey key)
    {
        byte[] bytes = new byte[key.IsProven ? ProvenKeyBytes : UnprovenKeyBytes];
        Write(bytes, key.Source);
        if (key.IsProven) key.Peer.CopyTo(bytes.AsSpan(AddressBytes));
        else Write(bytes.AsSpan(AddressBytes), key.Named);
        return bytes;
    }

    /// <summary>Reads an address; false when the bytes are none.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> bytes, out TransportAddress address)
    {
        address = default;
        if (bytes.Length != AddressBytes) return false;
        UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        address = TransportAddress.FromBits(bits, BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[18..]));
        return true;
    }

    /// <summary>Reads a key; false when the bytes are none.</summary>
    public static bool TryReadKey(ReadOnlySpan<byte> bytes, out RegistrantKey key)
    {
        key = default;
        if (bytes.Length is not (ProvenKeyBytes or UnprovenKeyBytes) || !TryReadAddress(bytes[..AddressBytes], out TransportAddress source)) return false;
        bool isProven = bytes.Length == ProvenKeyBytes;
        if (isProven != (source.Port != 0)) return false;
        if (isProven) key = RegistrantKey.Proven(source, new PeerId(bytes[AddressBytes..]));
        else if (TryReadAddress(bytes[AddressBytes..], out TransportAddress named)) key = RegistrantKey.Unproven(source, named);
        return true;
    }

    private static void Write(Span<byte> bytes, TransportAddress address)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address.AddressBits);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[16..], address.Port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[18..], address.ScopeId);
    }
}
