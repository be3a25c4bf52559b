using System.Buffers.Binary;
using System.Globalization;

namespace CS3103P2P.Protocol;

/// <summary>
/// Names a peer: the SHA-256 of the SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of the key with which it authenticates in TLS.
/// Written as 64 lower-case hexadecimal digits.
/// </summary>
public readonly record struct PeerId
{
    /// <summary>Length on the wire, in bytes.</summary>
    public const int SizeInBytes = 32;

    /// <summary>Length of the text form, in characters.</summary>
    public const int TextLength = SizeInBytes * 2;

    // Not UInt128: no method that touches a value with such a field is compiled ahead of time (crossgen2), and nearly all of them would be compiled at start.
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <summary>Reads an id from its 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public PeerId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("A peer id has 32 bytes.", nameof(bytes));
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Whether this is the default value, which no key has.</summary>
    public bool IsEmpty => (_first | _second | _third | _fourth) == 0;

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_first, _second, _third, _fourth);

    /// <summary>Reads 64 hexadecimal digits, of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PeerId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        if (text.Length != TextLength) return false;
        if (Convert.FromHexString(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done) return false;
        if (written != SizeInBytes) return false;
        id = new PeerId(bytes);
        return true;
    }

    /// <summary>The first eight digits: enough for a person to tell peers apart in a log.</summary>
    public string ToShortString() => ToString()[..8];

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_first:x16}{_second:x16}{_third:x16}{_fourth:x16}");
}
