using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>
/// A domain name in its uncompressed wire form (RFC 1035 §3.1): labels of 1 to 63 bytes behind their length, 255 bytes in all with the
/// final zero. Compared without regard to the case of ASCII letters. A value; costs no allocation.
/// </summary>
internal readonly struct DnsName : IEquatable<DnsName>
{
    public const int MaxBytes = 255;
    public const int MaxLabelBytes = 63;

    // A chain of pointers longer than this is an attack: a name has 127 labels at most, and writers use one or two.
    private const int MaxJumps = 16;
    private readonly Buffer _bytes;
    private readonly byte _length;

    private DnsName(ReadOnlySpan<byte> wire)
    {
        wire.CopyTo(_bytes);
        _length = (byte)wire.Length;
    }

    /// <summary>The wire form with the final zero; empty in the default value.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Wire => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <summary>The first label's bytes; empty for the root.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> FirstLabel => _length == 0 ? default : Wire.Slice(1, _bytes[0]);

    /// <summary>Makes a name of labels that the program knows to be right.</summary>
    /// <exception cref="ArgumentException">A label is empty or too long, or the whole is.</exception>
    public static DnsName Of(params ReadOnlySpan<string> labels)
    {
        DnsName name = new([0]);
        for (int i = labels.Length - 1; i >= 0; i--)
        {
            DnsName shorter = name; // the out parameter must not be the name that is read
            if (!shorter.TryPrepend(labels[i], out name)) throw new ArgumentException($"\"{labels[i]}\" makes the name invalid.", nameof(labels));
        }

        return name;
    }

    /// <summary>Reads a name, following compression pointers (RFC 1035 §4.1.4), which must lead backwards.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int at, out DnsName name)
    {
        name = default;
        Span<byte> wire = stackalloc byte[MaxBytes];
        int length = 0, position = at, limit = at, jumps = 0, end = -1;
        while (true)
        {
            if ((uint)position >= (uint)message.Length) return false;
            int head = message[position];
            if (head >= 0xC0)
            {
                if (position + 1 >= message.Length || ++jumps > MaxJumps) return false;
                if (end < 0) end = position + 2;
                position = ((head & 0x3F) << 8) | message[position + 1];
                if (position >= limit) return false;
                limit = position;
                continue;
            }

            if (head > MaxLabelBytes || length + 1 + head > MaxBytes || position + 1 + head > message.Length) return false;
            message.Slice(position, head + 1).CopyTo(wire[length..]);
            length += head + 1;
            position += head + 1;
            if (head == 0) break;
        }

        at = end < 0 ? position : end;
        name = new DnsName(wire[..length]);
        return true;
    }

    /// <summary>Puts a label in front; false when it is empty or too long, or the name becomes so.</summary>
    public bool TryPrepend(string label, out DnsName longer)
    {
        longer = default;
        int bytes = Encoding.UTF8.GetByteCount(label);
        if (bytes is 0 or > MaxLabelBytes || bytes + 1 + _length > MaxBytes) return false;
        Span<byte> wire = stackalloc byte[MaxBytes];
        wire[0] = (byte)bytes;
        Encoding.UTF8.GetBytes(label, wire[1..]);
        Wire.CopyTo(wire[(bytes + 1)..]);
        longer = new DnsName(wire[..(bytes + 1 + _length)]);
        return true;
    }

    /// <summary>Whether this name is one label longer than <paramref name="parent"/> and ends with it.</summary>
    public bool IsChildOf(in DnsName parent) => _length > 1 && EqualsIgnoreCase(Wire[(_bytes[0] + 1)..], parent.Wire);

    public bool Equals(DnsName other) => EqualsIgnoreCase(Wire, other.Wire);

    public override bool Equals(object? obj) => obj is DnsName other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (byte value in Wire) hash.Add(Fold(value));
        return hash.ToHashCode();
    }

    /// <summary>For people: labels with dots between.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (int at = 0; at < _length && _bytes[at] != 0; at += _bytes[at] + 1) text.Append(Encoding.UTF8.GetString(Wire.Slice(at + 1, _bytes[at]))).Append('.');
        return text.ToString();
    }

    /// <summary>Compares wire forms; a length byte is below any letter, so folding does not touch it.</summary>
    internal static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length) return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i] && Fold(left[i]) != Fold(right[i])) return false;
        }

        return true;
    }

    private static byte Fold(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;

    [InlineArray(MaxBytes)]
    private struct Buffer
    {
        private byte _first;
    }
}
