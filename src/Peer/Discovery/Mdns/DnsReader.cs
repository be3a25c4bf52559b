using System.Buffers.Binary;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>
/// Reads a DNS message (RFC 1035 §4.1) from front to back: the header, then all questions, then all records. Form only; never throws.
/// </summary>
/// <remarks>
/// <code>
/// 0 id | 2 QR,opcode,AA,TC,...,rcode | 4 questions | 6 answers | 8 authorities | 10 additionals | 12 ...
/// question: name, type, class (top bit QU)    record: name, type, class (top bit cache-flush), ttl (4), length (2), data
/// </code>
/// </remarks>
internal ref struct DnsReader
{
    public const int HeaderBytes = 12;
    private const ushort ClassInternet = 1;
    private const ushort ClassAny = 255;
    private const ushort TopBit = 0x8000;
    private readonly ReadOnlySpan<byte> _message;
    private int _at;
    private int _questions;
    private int _answers;
    private int _authorities;
    private int _additionals;

    private DnsReader(ReadOnlySpan<byte> message)
    {
        _message = message;
        Id = BinaryPrimitives.ReadUInt16BigEndian(message);
        Flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        _questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        _answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        _authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        _additionals = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        _at = HeaderBytes;
    }

    public ushort Id { get; }

    public ushort Flags { get; }

    public readonly bool IsResponse => (Flags & 0x8000) != 0;

    /// <summary>The TC bit: more known answers follow in another message (RFC 6762 §7.2).</summary>
    public readonly bool IsTruncated => (Flags & 0x0200) != 0;

    /// <summary>How many questions are left; records can be read when it is 0.</summary>
    public readonly int QuestionsLeft => _questions;

    /// <summary>Opens a message; false for another opcode or an error code, which RFC 6762 §18 has us ignore.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> message, out DnsReader reader)
    {
        reader = default;
        if (message.Length < HeaderBytes) return false;
        reader = new DnsReader(message);
        return (reader.Flags & 0x780F) == 0;
    }

    /// <summary>Reads the next question; false when there is none or the message is broken.</summary>
    public bool TryReadQuestion(out DnsQuestion question)
    {
        question = default;
        if (_questions == 0) return false;
        if (!DnsName.TryRead(_message, ref _at, out DnsName name) || _at + 4 > _message.Length) return Break();
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(_message[_at..]);
        ushort klass = BinaryPrimitives.ReadUInt16BigEndian(_message[(_at + 2)..]);
        _at += 4;
        _questions--;
        bool internet = (klass & ~TopBit) is ClassInternet or ClassAny;
        question = internet ? new DnsQuestion(name, type, (klass & TopBit) != 0) : default;
        return true;
    }

    /// <summary>Reads the next record; false when there is none or the message is broken. Those of another class come as type 0.</summary>
    public bool TryReadRecord(out DnsRecordView record)
    {
        record = default;
        DnsSection section;
        if (_questions > 0) return Break();
        if (_answers > 0) (section, _answers) = (DnsSection.Answer, _answers - 1);
        else if (_authorities > 0) (section, _authorities) = (DnsSection.Authority, _authorities - 1);
        else if (_additionals > 0) (section, _additionals) = (DnsSection.Additional, _additionals - 1);
        else return false;

        if (!DnsName.TryRead(_message, ref _at, out DnsName name) || _at + 10 > _message.Length) return Break();
        ReadOnlySpan<byte> head = _message[_at..];
        ushort klass = BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
        int length = BinaryPrimitives.ReadUInt16BigEndian(head[8..]);
        _at += 10;
        if (_at + length > _message.Length) return Break();
        DnsType type = (klass & ~TopBit) == ClassInternet ? (DnsType)BinaryPrimitives.ReadUInt16BigEndian(head) : default;
        record = new DnsRecordView(section, name, type, (klass & TopBit) != 0, BinaryPrimitives.ReadUInt32BigEndian(head[4..]), _at, length);
        _at += length;
        return true;
    }

    /// <summary>Writes a record's data without compression, so that it can be compared and kept; false when it is malformed.</summary>
    public static bool TryExpandData(ReadOnlySpan<byte> message, in DnsRecordView record, Span<byte> destination, out int written)
    {
        written = 0;
        ReadOnlySpan<byte> data = message.Slice(record.DataStart, record.DataLength);
        int fixedBytes = record.Type switch { DnsType.Ptr or DnsType.Nsec => 0, DnsType.Srv => 6, _ => record.DataLength };
        if (data.Length < fixedBytes || destination.Length < fixedBytes) return false;
        data[..fixedBytes].CopyTo(destination);
        written = fixedBytes;
        if (record.Type is not (DnsType.Ptr or DnsType.Nsec or DnsType.Srv)) return true;

        int at = record.DataStart + fixedBytes;
        int end = record.DataStart + record.DataLength;
        if (!DnsName.TryRead(message[..end], ref at, out DnsName name)) return false;
        int rest = end - at;
        if ((record.Type != DnsType.Nsec && rest != 0) || destination.Length < fixedBytes + name.Wire.Length + rest) return false;
        name.Wire.CopyTo(destination[written..]);
        written += name.Wire.Length;
        message[at..end].CopyTo(destination[written..]);
        written += rest;
        return true;
    }

    private bool Break()
    {
        _questions = _answers = _authorities = _additionals = 0;
        return false;
    }
}
