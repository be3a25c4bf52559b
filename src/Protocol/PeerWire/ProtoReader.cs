namespace CS3103P2P.Protocol;

/// <summary>Walks the fields of one protobuf message (proto2 wire format) without allocating. Every method answers false on bad input.</summary>
public ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    /// <summary>Longest varint, in bytes: ten carry 64 bits.</summary>
    public const int MaxVarintBytes = 10;

    /// <summary>Wire type of integers, booleans and enumerations.</summary>
    public const int WireVarint = 0;

    /// <summary>Wire type of strings, bytes, messages and packed repeated fields.</summary>
    public const int WireBytes = 2;

    private const int WireFixed64 = 1;
    private const int WireFixed32 = 5;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Whether all fields have been read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Bytes not yet read.</summary>
    public readonly int BytesLeft => _rest.Length;

    /// <summary>Reads the next field's key.</summary>
    public bool TryReadKey(out int field, out int wireType)
    {
        field = 0;
        wireType = 0;
        if (!TryReadVarint(out ulong key) || key > uint.MaxValue) return false;
        field = (int)(key >> 3);
        wireType = (int)(key & 7);
        return field != 0;
    }

    /// <summary>Reads a varint of up to 64 bits.</summary>
    public bool TryReadVarint(out ulong value)
    {
        if (!TryDecodeVarint(_rest, out value, out int length)) return false;
        _rest = _rest[length..];
        return true;
    }

    /// <summary>Reads a varint that must fit 32 bits.</summary>
    public bool TryReadUInt32(out uint value)
    {
        value = 0;
        if (!TryReadVarint(out ulong wide) || wide > uint.MaxValue) return false;
        value = (uint)wide;
        return true;
    }

    /// <summary>Reads a varint that must fit a non-negative <see cref="int"/>.</summary>
    public bool TryReadInt32(out int value)
    {
        value = 0;
        if (!TryReadVarint(out ulong wide) || wide > int.MaxValue) return false;
        value = (int)wide;
        return true;
    }

    /// <summary>Reads a length and that many bytes.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryReadVarint(out ulong length) || length > (ulong)_rest.Length) return false;
        value = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }

    /// <summary>Passes over the value of an unknown field; groups are refused.</summary>
    public bool TrySkip(int wireType)
    {
        switch (wireType)
        {
            case WireVarint: return TryReadVarint(out _);
            case WireBytes: return TryReadBytes(out _);
            case WireFixed64: return TryDrop(sizeof(ulong));
            case WireFixed32: return TryDrop(sizeof(uint));
            default: return false;
        }
    }

    /// <summary>Reads a varint from the front of a span.</summary>
    /// <returns>False when the span ends inside the varint or the value exceeds 64 bits; <paramref name="length"/> tells which: 0 for an end.</returns>
    public static bool TryDecodeVarint(ReadOnlySpan<byte> input, out ulong value, out int length)
    {
        value = 0;
        length = 0;
        int limit = Math.Min(input.Length, MaxVarintBytes);
        for (int i = 0; i < limit; i++)
        {
            byte part = input[i];
            if (i == MaxVarintBytes - 1 && part > 1) break;
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                length = i + 1;
                return true;
            }
        }

        value = 0;
        if (input.Length >= MaxVarintBytes) length = MaxVarintBytes;
        return false;
    }

    private bool TryDrop(int bytes)
    {
        if (_rest.Length < bytes) return false;
        _rest = _rest[bytes..];
        return true;
    }
}
