using System.Numerics;

namespace CS3103P2P.Protocol;

/// <summary>Writes protobuf fields into a span. A span that is too short sets <see cref="Overflowed"/>; nothing throws.</summary>
public ref struct ProtoWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Whether something did not fit; what was written is then of no use.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Bytes that a varint takes.</summary>
    public static int VarintSize(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) / 64;

    /// <summary>Writes a varint field.</summary>
    public void WriteVarintField(int field, ulong value)
    {
        WriteVarint(((ulong)field << 3) | ProtoReader.WireVarint);
        WriteVarint(value);
    }

    /// <summary>Writes a string or bytes field.</summary>
    public void WriteBytesField(int field, scoped ReadOnlySpan<byte> value)
    {
        WriteBytesHeader(field, value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes the key and length of a bytes field whose content the caller puts after it.</summary>
    public void WriteBytesHeader(int field, int length)
    {
        WriteVarint(((ulong)field << 3) | ProtoReader.WireBytes);
        WriteVarint((ulong)length);
    }

    /// <summary>Writes a bare varint.</summary>
    public void WriteVarint(ulong value)
    {
        if (VarintSize(value) > _destination.Length - Length)
        {
            Overflowed = true;
            return;
        }

        while (value >= 0x80)
        {
            _destination[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _destination[Length++] = (byte)value;
    }

    private void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        if (Overflowed || bytes.Length > _destination.Length - Length)
        {
            Overflowed = true;
            return;
        }

        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }
}
