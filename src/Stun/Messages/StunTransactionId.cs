using System.Buffers.Binary;
using System.Globalization;

namespace CS3103P2P.Stun;

/// <summary>The 96 bits that tie a response to its request (RFC 8489 §5). Must be unpredictable.</summary>
public readonly record struct StunTransactionId
{
    /// <summary>Length on the wire, in bytes.</summary>
    public const int SizeInBytes = 12;

    private readonly ulong _high;
    private readonly uint _low;

    /// <summary>Reads an id from its 12 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 12 bytes long.</exception>
    public StunTransactionId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("A transaction id has 12 bytes.", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
    }

    /// <summary>Writes the 12 bytes.</summary>
    /// <exception cref="ArgumentException">The span is shorter than 12 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], _low);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_high:x16}{_low:x8}");
}
