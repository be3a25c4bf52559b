using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Who owns entries: what the owner cannot change without being somebody else. With a cookie, the address that it proved and the peer id; without,
/// the IP address that the datagram came from and the address that it names, since such programs use a new port for each request.
/// </summary>
internal readonly record struct RegistrantKey
{
    private readonly PeerId _rest;   // the peer id, or of one that proved nothing the address that it names: so keys stay short

    private RegistrantKey(TransportAddress source, PeerId rest)
    {
        Source = source;
        _rest = rest;
    }

    /// <summary>Where the requests come from; port 0 without a cookie.</summary>
    public TransportAddress Source { get; }

    /// <summary>The peer id; empty without a cookie, or when the peer gives none.</summary>
    public PeerId Peer => IsProven ? _rest : default;

    /// <summary>The address that a program without a cookie names; otherwise none.</summary>
    public TransportAddress Named
    {
        get
        {
            if (IsProven) return default;
            Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
            _rest.CopyTo(bytes);
            return TransportAddress.FromBits(
                BinaryPrimitives.ReadUInt128BigEndian(bytes),
                BinaryPrimitives.ReadUInt16BigEndian(bytes[PortAt..]),
                BinaryPrimitives.ReadUInt32BigEndian(bytes[ScopeAt..]));
        }
    }

    /// <summary>Whether a cookie protects the entries.</summary>
    public bool IsProven => Source.Port != 0;

    /// <summary>Most bytes that <see cref="WriteTo"/> writes.</summary>
    public const int MaxHashedBytes = AddressBytes + PeerId.SizeInBytes;

    private const int AddressBytes = 18;
    private const int PortAt = 16;
    private const int ScopeAt = 18;

    /// <summary>Writes what tells the key from others, for a hash.</summary>
    public int WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(destination, Source.AddressBits);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[16..], Source.Port);
        _rest.CopyTo(destination[AddressBytes..]);
        return MaxHashedBytes;
    }

    /// <summary>The owner that proved its address.</summary>
    public static RegistrantKey Proven(TransportAddress source, PeerId peer) => new(source, peer);

    /// <summary>The owner that proved nothing.</summary>
    public static RegistrantKey Unproven(TransportAddress source, TransportAddress named)
    {
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt128BigEndian(bytes, named.AddressBits);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortAt..], named.Port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[ScopeAt..], named.ScopeId);
        return new RegistrantKey(source.WithPort(0), new PeerId(bytes));
    }
}
