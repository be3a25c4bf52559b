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

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Reads an id from its 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public PeerId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("A peer id has 32 bytes.", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>Whether this is the default value, which no key has.</summary>
    public bool IsEmpty => _high == UInt128.Zero && _low == UInt128.Zero;

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

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
        string.Create(CultureInfo.InvariantCulture, $"{_high:x32}{_low:x32}");
}
