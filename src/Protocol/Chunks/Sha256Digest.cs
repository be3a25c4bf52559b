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

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Reads a digest from its 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public Sha256Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>Whether all bits are zero: the root of a file of no bytes, and of padding in a Merkle tree.</summary>
    public bool IsZero => _high == UInt128.Zero && _low == UInt128.Zero;

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
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

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
        string.Create(CultureInfo.InvariantCulture, $"{_high:x32}{_low:x32}");
}
