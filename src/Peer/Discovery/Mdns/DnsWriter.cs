using System.Buffers.Binary;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>Writes a DNS message (RFC 1035 §4.1): questions first, then answers, authorities, additionals. Owner names are compressed.</summary>
internal ref struct DnsWriter
{
    public const ushort FlagsQuery = 0;
    public const ushort FlagsResponse = 0x8400; // QR and AA, RFC 6762 §18
    public const ushort FlagTruncated = 0x0200;
    private const ushort ClassInternet = 1;
    private const ushort TopBit = 0x8000;
    private const int MaxRememberedLabels = 32;
    private const int MaxPointer = 0x3FFF;
    private readonly Span<byte> _buffer;
    private readonly Span<ushort> _labels;
    private int _remembered;

    /// <param name="buffer">Where to write; its length is the limit of the message.</param>
    /// <param name="labels">Scratch of 32 entries for compression.</param>
    /// <param name="flags">The header's flags.</param>
    /// <param name="id">0 but in answers to plain DNS clients (RFC 6762 §18.1).</param>
    public DnsWriter(Span<byte> buffer, Span<ushort> labels, ushort flags, ushort id = 0)
    {
        _buffer = buffer;
        _labels = labels[..Math.Min(labels.Length, MaxRememberedLabels)];
        buffer[..DnsReader.HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], flags);
        Length = DnsReader.HeaderBytes;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Says that more known answers follow.</summary>
    public readonly void MarkTruncated() => _buffer[2] |= FlagTruncated >> 8;

    /// <summary>Writes a question; false, and nothing is written, when there is no room.</summary>
    public bool TryWrite(in DnsQuestion question)
    {
        int start = Length, remembered = _remembered;
        if (!TryWriteName(question.Name) || Length + 4 > _buffer.Length) return Undo(start, remembered);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)question.Type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Length + 2)..], (ushort)(ClassInternet | (question.WantsUnicast ? TopBit : 0)));
        Length += 4;
        Count(4);
        return true;
    }

    /// <summary>Writes a record; false, and nothing is written, when there is no room.</summary>
    public bool TryWrite(DnsRecord record, DnsSection section, uint ttlSeconds, bool cacheFlush)
    {
        int start = Length, remembered = _remembered;
        if (!TryWriteName(record.Name) || Length + 10 + record.Data.Length > _buffer.Length) return Undo(start, remembered);
        Span<byte> head = _buffer[Length..];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(ClassInternet | (cacheFlush ? TopBit : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], ttlSeconds);
        BinaryPrimitives.WriteUInt16BigEndian(head[8..], (ushort)record.Data.Length);
        record.Data.CopyTo(head[10..]);
        Length += 10 + record.Data.Length;
        Count(6 + (2 * (int)section));
        return true;
    }

    private readonly void Count(int offset)
    {
        ushort count = BinaryPrimitives.ReadUInt16BigEndian(_buffer[offset..]);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[offset..], (ushort)(count + 1));
    }

    private bool Undo(int length, int remembered)
    {
        Length = length;
        _remembered = remembered;
        return false;
    }

    private bool TryWriteName(in DnsName name)
    {
        ReadOnlySpan<byte> rest = name.Wire;
        while (rest.Length > 1)
        {
            if (FindWritten(rest) is int pointer and >= 0)
            {
                if (Length + 2 > _buffer.Length) return false;
                BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)(0xC000 | pointer));
                Length += 2;
                return true;
            }

            int label = rest[0] + 1;
            if (Length + label > _buffer.Length) return false;
            if (Length <= MaxPointer && _remembered < _labels.Length) _labels[_remembered++] = (ushort)Length;
            rest[..label].CopyTo(_buffer[Length..]);
            Length += label;
            rest = rest[label..];
        }

        if (Length == _buffer.Length) return false;
        _buffer[Length++] = 0;
        return true;
    }

    // Where the same labels up to the root have been written before; -1 when nowhere.
    private readonly int FindWritten(ReadOnlySpan<byte> rest)
    {
        foreach (ushort start in _labels[.._remembered])
        {
            int at = start;
            if (DnsName.TryRead(_buffer[..Length], ref at, out DnsName written) && written.Wire.SequenceEqual(rest)) return start;
        }

        return -1;
    }
}
