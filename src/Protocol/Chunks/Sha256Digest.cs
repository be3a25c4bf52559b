using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace CS3103P2P.Protocol;

/// <summary>A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits. The default value is all zero.</summary>
public readonly record struct Sha256Digest
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

    /// <summary>Reads a digest from its 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public Sha256Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(bytes));
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Whether all bits are zero: the root of a file of no bytes, and of padding in a Merkle tree.</summary>
    public bool IsZero => (_first | _second | _third | _fourth) == 0;

    /// <summary>The digest of some bytes.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SizeInBytes];
        SHA256.HashData(data, digest);
        return new Sha256Digest(digest);
    }

    /// <summary>The digest of the concatenation of two digests: the parent of two nodes in a Merkle tree.</summary>
    public static Sha256Digest OfPair(Sha256Digest left, Sha256Digest right)
    {
        Span<byte> pair = stackalloc byte[SizeInBytes * 2];
        left.CopyTo(pair);
        right.CopyTo(pair[SizeInBytes..]);
        return Of(pair);
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < SizeInBytes) throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(destination));
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_first, _second, _third, _fourth);

    /// <summary>Reads 64 hexadecimal digits, of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Sha256Digest digest)
    {
        digest = default;
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        if (text.Length != TextLength) return false;
        if (Convert.FromHexString(text, bytes, out _, out int written) != OperationStatus.Done || written != SizeInBytes) return false;
        digest = new Sha256Digest(bytes);
        return true;
    }

    /// <summary>Reads the same from UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Sha256Digest digest)
    {
        digest = default;
        if (utf8.Length != TextLength) return false;
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        if (Convert.FromHexString(utf8, bytes, out _, out _) != OperationStatus.Done) return false;
        digest = new Sha256Digest(bytes);
        return true;
    }

    /// <summary>Writes the 64 digits as UTF-8; false when they do not fit.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten)
    {
        bytesWritten = 0;
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        CopyTo(bytes);
        return Convert.TryToHexStringLower(bytes, utf8Destination, out bytesWritten);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_first:x16}{_second:x16}{_third:x16}{_fourth:x16}");
}
