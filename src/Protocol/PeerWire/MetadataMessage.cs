namespace CS3103P2P.Protocol;

/// <summary>
/// Asks for chunk hashes or the manifest (<see cref="PeerMessageType.MetadataRequest"/>), or carries a piece of them
/// (<see cref="PeerMessageType.MetadataPiece"/>, which has <see cref="TotalBytes"/> and <see cref="Data"/> too).
/// </summary>
public readonly ref struct MetadataMessage
{
    /// <summary>Largest <see cref="Data"/>, in bytes.</summary>
    public const int MaxDataBytes = 64 * 1024;

    /// <summary>Longest message, in bytes.</summary>
    public const int MaxBytes = MaxDataBytes + 64;

    private const int FieldKind = 1;
    private const int FieldFile = 2;
    private const int FieldGroup = 3;
    private const int FieldOffset = 4;
    private const int FieldTotal = 5;
    private const int FieldData = 6;

    /// <summary>What is asked for or carried.</summary>
    public MetadataKind Kind { get; init; }

    /// <summary>The file, by its place in the manifest from 0; 0 for a file share and for the manifest.</summary>
    public int FileIndex { get; init; }

    /// <summary>The hash group in the file, from 0; 0 unless <see cref="Kind"/> is <see cref="MetadataKind.HashGroup"/>.</summary>
    public int Group { get; init; }

    /// <summary>Where the piece begins, in bytes.</summary>
    public int Offset { get; init; }

    /// <summary>Length of the whole, in bytes; 0 in a request.</summary>
    public int TotalBytes { get; init; }

    /// <summary>The piece; empty in a request.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Reads a message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out MetadataMessage metadata)
    {
        metadata = default;
        var reader = new ProtoReader(message);
        int kind = 0, file = 0, group = 0, offset = 0, total = 0;
        ReadOnlySpan<byte> data = default;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = (field, wire) switch
            {
                (FieldKind, ProtoReader.WireVarint) => reader.TryReadInt32(out kind),
                (FieldFile, ProtoReader.WireVarint) => reader.TryReadInt32(out file),
                (FieldGroup, ProtoReader.WireVarint) => reader.TryReadInt32(out group),
                (FieldOffset, ProtoReader.WireVarint) => reader.TryReadInt32(out offset),
                (FieldTotal, ProtoReader.WireVarint) => reader.TryReadInt32(out total),
                (FieldData, ProtoReader.WireBytes) => reader.TryReadBytes(out data),
                _ => reader.TrySkip(wire),
            };
            if (!read) return false;
        }

        if (kind is < (int)MetadataKind.Manifest or > (int)MetadataKind.HashGroup || data.Length > MaxDataBytes) return false;
        if (!data.IsEmpty && (offset > total || data.Length > total - offset)) return false;
        metadata = new MetadataMessage { Kind = (MetadataKind)kind, FileIndex = file, Group = group, Offset = offset, TotalBytes = total, Data = data };
        return true;
    }

    /// <summary>Writes the message; 0 when the destination is too short.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteVarintField(FieldKind, (ulong)Kind);
        writer.WriteVarintField(FieldFile, (ulong)FileIndex);
        writer.WriteVarintField(FieldGroup, (ulong)Group);
        writer.WriteVarintField(FieldOffset, (ulong)Offset);
        if (TotalBytes != 0) writer.WriteVarintField(FieldTotal, (ulong)TotalBytes);
        if (!Data.IsEmpty) writer.WriteBytesField(FieldData, Data);
        return writer.Overflowed ? 0 : writer.Length;
    }
}
