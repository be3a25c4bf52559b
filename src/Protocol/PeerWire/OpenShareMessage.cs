namespace CS3103P2P.Protocol;

/// <summary>Opens a share on the frame's channel (<see cref="PeerMessageType.OpenShare"/>).</summary>
public readonly ref struct OpenShareMessage
{
    private const int KeyBytes = 32;
    private const int FieldName = 1;
    private const int FieldRoot = 2;
    private const int FieldProof = 3;

    /// <summary>The name under which the tracker knows it, in UTF-8; may be empty when the root is given.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Its root, 32 bytes; empty when not known.</summary>
    public ReadOnlySpan<byte> Root { get; init; }

    /// <summary>The proof of knowing a private share's secret, 32 bytes; empty for a public share.</summary>
    public ReadOnlySpan<byte> Proof { get; init; }

    /// <summary>Reads a message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out OpenShareMessage open)
    {
        open = default;
        var reader = new ProtoReader(message);
        ReadOnlySpan<byte> name = default, root = default, proof = default;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = (field, wire) switch
            {
                (FieldName, ProtoReader.WireBytes) => reader.TryReadBytes(out name),
                (FieldRoot, ProtoReader.WireBytes) => reader.TryReadBytes(out root),
                (FieldProof, ProtoReader.WireBytes) => reader.TryReadBytes(out proof),
                _ => reader.TrySkip(wire),
            };
            if (!read) return false;
        }

        if (name.Length > FileInfoMessage.MaxNameBytes || (name.IsEmpty && root.IsEmpty)) return false;
        if (root.Length is not (0 or KeyBytes) || proof.Length is not (0 or KeyBytes)) return false;
        open = new OpenShareMessage { Name = name, Root = root, Proof = proof };
        return true;
    }

    /// <summary>Writes the message; 0 when the destination is too short.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        if (!Name.IsEmpty) writer.WriteBytesField(FieldName, Name);
        if (!Root.IsEmpty) writer.WriteBytesField(FieldRoot, Root);
        if (!Proof.IsEmpty) writer.WriteBytesField(FieldProof, Proof);
        return writer.Overflowed ? 0 : writer.Length;
    }
}
