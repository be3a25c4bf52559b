using System.Buffers.Binary;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>
/// The mapping nonce (RFC 6887 §11.1): 96 random bits that prove to the router that a later request for a mapping, removal included,
/// comes from the one who made it.
/// </summary>
internal readonly record struct PcpNonce
{
    public const int SizeInBytes = 12;

    private readonly ulong _high;
    private readonly uint _low;

    public PcpNonce(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("A nonce has 12 bytes.", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], _low);
    }
}
