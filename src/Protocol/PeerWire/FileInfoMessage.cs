namespace CS3103P2P.Protocol;

/// <summary>What a share is (<see cref="PeerMessageType.FileInfo"/>): the answer to <see cref="OpenShareMessage"/>.</summary>
public readonly ref struct FileInfoMessage
{
    /// <summary>Longest name, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 1024;

    private const int FieldFileHash = 1;
    private const int FieldFileName = 2;
    private const int FieldFileSize = 3;
    private const int FieldChunkSize = 16;
    private const int FieldIsDirectory = 17;

    /// <summary>Its root; on the wire 64 lower-case hexadecimal digits in the original's field for a hash.</summary>
    public Sha256Digest Root { get; init; }

    /// <summary>Its name, in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Its size, in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Bytes in each chunk but a file's last.</summary>
    public int ChunkSize { get; init; }

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory { get; init; }

    /// <summary>Reads a message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out FileInfoMessage info)
    {
        info = default;
        var reader = new ProtoReader(message);
        ReadOnlySpan<byte> hash = default, name = default;
        ulong size = 0, isDirectory = 0;
        int chunkSize = 0;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = (field, wire) switch
            {
                (FieldFileHash, ProtoReader.WireBytes) => reader.TryReadBytes(out hash),
                (FieldFileName, ProtoReader.WireBytes) => reader.TryReadBytes(out name),
                (FieldFileSize, ProtoReader.WireVarint) => reader.TryReadVarint(out size),
                (FieldChunkSize, ProtoReader.WireVarint) => reader.TryReadInt32(out chunkSize),
                (FieldIsDirectory, ProtoReader.WireVarint) => reader.TryReadVarint(out isDirectory),
                _ => reader.TrySkip(wire),
            };
            if (!read) return false;
        }

        if (name.Length > MaxNameBytes || size > long.MaxValue || !Sha256Digest.TryParse(hash, out Sha256Digest root)) return false;
        info = new FileInfoMessage
        {
            Root = root,
            Name = name,
            SizeBytes = (long)size,
            ChunkSize = chunkSize,
            IsDirectory = isDirectory != 0,
        };
        return true;
    }

    /// <summary>Writes the message; 0 when the destination is too short.</summary>
    public int Write(Span<byte> destination)
    {
        Span<byte> hex = stackalloc byte[Sha256Digest.TextLength];
        Root.TryFormat(hex, out int hexLength);
        var writer = new ProtoWriter(destination);
        writer.WriteBytesField(FieldFileHash, hex[..hexLength]);
        writer.WriteBytesField(FieldFileName, Name);
        writer.WriteVarintField(FieldFileSize, (ulong)SizeBytes);
        writer.WriteVarintField(FieldChunkSize, (ulong)ChunkSize);
        writer.WriteVarintField(FieldIsDirectory, IsDirectory ? 1u : 0u);
        return writer.Overflowed ? 0 : writer.Length;
    }
}
