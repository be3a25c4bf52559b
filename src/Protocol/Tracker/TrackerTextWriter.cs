using System.Buffers.Text;

namespace CS3103P2P.Protocol;

/// <summary>
/// Puts a message of the tracker's protocol together in a buffer, without allocation. What does not fit sets <see cref="Overflowed"/> and leaves
/// the buffer at the last whole part.
/// </summary>
public ref struct TrackerTextWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Whether something did not fit.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Room that is left.</summary>
    public readonly Span<byte> Free => _buffer[Length..];

    /// <summary>What has been written.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>Goes back to an earlier length.</summary>
    public void Rewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
        Overflowed = false;
    }

    /// <summary>Counts bytes that were written into <see cref="Free"/>.</summary>
    public void Advance(int bytes) => Length += bytes;

    /// <summary>Writes text.</summary>
    public void Text(scoped ReadOnlySpan<byte> utf8)
    {
        if (Done(utf8.TryCopyTo(Free))) Length += utf8.Length;
    }

    /// <summary>Writes a decimal number.</summary>
    public void Number(long value)
    {
        if (Done(Utf8Formatter.TryFormat(value, Free, out int written))) Length += written;
    }

    /// <summary>Writes <c>IP PORT</c>, an IPv6 address without brackets.</summary>
    public void AddressAndPort(TransportAddress address)
    {
        if (Done(address.TryFormatAddress(Free, out int written))) Length += written;
        Text(" "u8);
        Number(address.Port);
    }

    /// <summary>Writes a name in wire form.</summary>
    public void Name(scoped ReadOnlySpan<byte> utf8, bool escapeEquals)
    {
        if (Done(TrackerName.TryEncode(utf8, Free, escapeEquals, out int written))) Length += written;
    }

    /// <summary>Writes <c> key=value</c>.</summary>
    public void Extension(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        Key(key);
        Text(value);
    }

    /// <summary>Writes <c> key=number</c>.</summary>
    public void Extension(scoped ReadOnlySpan<byte> key, long value)
    {
        Key(key);
        Number(value);
    }

    /// <summary>Writes <c> key=64 hexadecimal digits</c>.</summary>
    public void Extension(scoped ReadOnlySpan<byte> key, PeerId value)
    {
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        value.CopyTo(bytes);
        Key(key);
        if (Done(Convert.TryToHexStringLower(bytes, Free, out int written))) Length += written;
    }

    /// <summary>Writes <c> key=64 hexadecimal digits</c>.</summary>
    public void Extension(scoped ReadOnlySpan<byte> key, Sha256Digest value)
    {
        Key(key);
        if (Done(value.TryFormat(Free, out int written))) Length += written;
    }

    /// <summary>Writes <c> key=a.b.c.d:port</c> or <c> key=[v6]:port</c>.</summary>
    public void Extension(scoped ReadOnlySpan<byte> key, TransportAddress value)
    {
        Key(key);
        if (Done(value.TryFormat(Free, out int written))) Length += written;
    }

    /// <summary>Writes <c> cookie=</c> and 16 hexadecimal digits.</summary>
    public void Cookie(ulong value)
    {
        Key("cookie"u8);
        if (Done(value.TryFormat(Free, out int written, "x16", null))) Length += written;
    }

    /// <summary>Writes <c> key=</c> and bytes in base64url.</summary>
    public void Base64(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> bytes)
    {
        Key(key);
        if (Done(Base64Url.TryEncodeToUtf8(bytes, Free, out int written))) Length += written;
    }

    /// <summary>Writes the keys that describe content.</summary>
    public void Describe(long sizeBytes, int chunkSize, Sha256Digest root, ShareKind kind)
    {
        Extension("size"u8, sizeBytes);
        Extension("chunk"u8, chunkSize);
        Extension("root"u8, root);
        Extension("kind"u8, kind == ShareKind.Directory ? "directory"u8 : "file"u8);
    }

    private void Key(scoped ReadOnlySpan<byte> key)
    {
        Span<byte> free = Free;
        if (!Done(free.Length >= key.Length + 2)) return;
        free[0] = (byte)' ';
        key.CopyTo(free[1..]);
        free[key.Length + 1] = (byte)'=';
        Length += key.Length + 2;
    }

    private bool Done(bool fitted)
    {
        if (!fitted) Overflowed = true;
        return fitted;
    }
}
