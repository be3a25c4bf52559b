using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// Translates between the kernel's socket addresses and <see cref="TransportAddress"/> without allocation. Both layouts are the same on every system:
/// <code>
/// sockaddr_in   family:2  port:2 (big-endian)  address:4
/// sockaddr_in6  family:2  port:2 (big-endian)  flow:4  address:16  scope:4 (host order)
/// </code>
/// The family's own two bytes differ; they are written once, by <see cref="SocketAddress"/>, and left alone here.
/// </summary>
internal static class SocketAddressCodec
{
    public const int SizeV4 = 16;
    public const int SizeV6 = 28;
    private const int PortAt = 2;
    private const int AddressV4At = 4;
    private const int AddressV6At = 8;
    private const int ScopeAt = 24;

    /// <summary>Makes a socket address for reuse by a socket of the given family.</summary>
    public static SocketAddress Create(AddressFamily family) => new(family, family == AddressFamily.InterNetworkV6 ? SizeV6 : SizeV4);

    /// <summary>Writes all but the family; false when the address has no form in that family.</summary>
    public static bool TryWrite(TransportAddress address, bool v6, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[PortAt..], address.Port);
        if (v6)
        {
            destination[AddressV4At..AddressV6At].Clear();
            BinaryPrimitives.WriteUInt128BigEndian(destination[AddressV6At..], address.AddressBits);
            MemoryMarshal.Write(destination[ScopeAt..], address.ScopeId);
            return true;
        }

        if (!address.IsIPv4) return false;
        BinaryPrimitives.WriteUInt32BigEndian(destination[AddressV4At..], address.ToIPv4Bits());
        return true;
    }

    /// <summary>Reads what the kernel wrote for a socket of the given family.</summary>
    public static TransportAddress Read(ReadOnlySpan<byte> source, bool v6)
    {
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(source[PortAt..]);
        if (!v6) return TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(source[AddressV4At..]), port);
        UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(source[AddressV6At..]);
        bool linkLocal = bits >> 118 == 0xFE80 >> 6;
        return TransportAddress.FromBits(bits, port, linkLocal ? MemoryMarshal.Read<uint>(source[ScopeAt..]) : 0);
    }
}
