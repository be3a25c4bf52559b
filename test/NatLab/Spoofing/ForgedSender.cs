using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CS3103P2P.NatLab;

/// <summary>Sends UDP datagrams over IPv4 with any source address, as a host does whose provider does not filter (BCP 38).</summary>
/// <remarks>
/// <code>
///  0      1      2      4      6      8     9    10     12       16            20      22      24     26        28
/// | 0x45 | tos  | len  | id   | frag | ttl | 17 | sum  | source | destination | sport | dport | len  | sum (0) | payload
/// </code>
/// The kernel fills in total length, id and checksum of the IP header (raw(7)); a UDP checksum of 0 means none (RFC 768).
/// </remarks>
public sealed class ForgedSender : IDisposable
{
    /// <summary>Bytes of the IP and UDP headers before a payload.</summary>
    public const int HeaderBytes = IpHeaderBytes + UdpHeaderBytes;

    /// <summary>Bytes of an IP header without options.</summary>
    public const int IpHeaderBytes = 20;

    /// <summary>The longest payload.</summary>
    public const int MaxPayloadBytes = 1472;

    private const int UdpHeaderBytes = 8;
    private const byte Version4AndFiveWords = 0x45;
    private const byte TimeToLive = 64;
    private const byte Udp = 17;

    private readonly Socket _socket;
    private readonly byte[] _packet = new byte[HeaderBytes + MaxPayloadBytes];

    /// <param name="host">The host that lies.</param>
    public ForgedSender(LabHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        _socket = host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));   // IPPROTO_RAW: the header is ours
    }

    /// <summary>Sends a datagram in somebody's name; false when the system did not take it.</summary>
    public bool TrySend(IPEndPoint source, IPEndPoint destination, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        Span<byte> packet = _packet.AsSpan(0, HeaderBytes + payload.Length);
        packet[..HeaderBytes].Clear();
        packet[0] = Version4AndFiveWords;
        packet[8] = TimeToLive;
        packet[9] = Udp;
        source.Address.TryWriteBytes(packet[12..], out _);
        destination.Address.TryWriteBytes(packet[16..], out _);
        Span<byte> udp = packet[IpHeaderBytes..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], (ushort)destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)(UdpHeaderBytes + payload.Length));
        payload.CopyTo(udp[UdpHeaderBytes..]);
        try
        {
            return _socket.SendTo(packet, SocketFlags.None, new IPEndPoint(destination.Address, 0)) == packet.Length;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
