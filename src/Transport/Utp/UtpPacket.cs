namespace CS3103P2P.Transport.Utp;

/// <summary>
/// A received uTP packet: header, selective acknowledgement if there is one, payload. Extensions form a chain of
/// (type of the next, length, bytes) between header and payload; those that are not known are skipped (BEP 29, "extension").
/// </summary>
internal readonly ref struct UtpPacket
{
    /// <summary>Selective acknowledgement: bit 0 stands for ack_nr + 2, least significant bit of the first byte first.</summary>
    public const byte SelectiveAckExtension = 1;

    /// <summary>An extension of no meaning, which brings a path-MTU probe to its size; receivers skip it.</summary>
    public const byte PaddingExtension = 0x70;

    /// <summary>Most bytes of one extension's content that are a multiple of four.</summary>
    public const int MaxSelectiveAckBytes = 252;

    /// <summary>Type and length in front of each extension's content.</summary>
    public const int ExtensionPrefixBytes = 2;

    private UtpPacket(UtpHeader header, ReadOnlySpan<byte> selectiveAck, ReadOnlySpan<byte> payload)
    {
        Header = header;
        SelectiveAck = selectiveAck;
        Payload = payload;
    }

    public UtpHeader Header { get; }

    /// <summary>The mask; empty when the packet carries none.</summary>
    public ReadOnlySpan<byte> SelectiveAck { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Reads a datagram; false when it is cut short or no uTP.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out UtpPacket packet)
    {
        packet = default;
        if (!UtpHeader.TryRead(datagram, out UtpHeader header, out byte extension)) return false;
        ReadOnlySpan<byte> rest = datagram[UtpHeader.SizeInBytes..];
        ReadOnlySpan<byte> selectiveAck = default;
        while (extension != 0)
        {
            if (rest.Length < ExtensionPrefixBytes) return false;
            byte next = rest[0];
            int length = rest[1];
            if (rest.Length - ExtensionPrefixBytes < length) return false;
            if (extension == SelectiveAckExtension) selectiveAck = rest.Slice(ExtensionPrefixBytes, length);
            rest = rest[(ExtensionPrefixBytes + length)..];
            extension = next;
        }

        packet = new UtpPacket(header, selectiveAck, rest);
        return true;
    }

    /// <summary>Fills <paramref name="destination"/> (at least 2 bytes) with padding extensions; the header must name <see cref="PaddingExtension"/>.</summary>
    public static void WritePadding(Span<byte> destination)
    {
        const int MaxContent = byte.MaxValue;
        while (!destination.IsEmpty)
        {
            int content = Math.Min(MaxContent, destination.Length - ExtensionPrefixBytes);
            int left = destination.Length - ExtensionPrefixBytes - content;
            if (left == 1)
            {
                // One byte cannot hold another extension's prefix: leave it two.
                content--;
                left++;
            }

            destination[0] = left > 0 ? PaddingExtension : (byte)0;
            destination[1] = (byte)content;
            destination.Slice(ExtensionPrefixBytes, content).Clear();
            destination = destination[(ExtensionPrefixBytes + content)..];
        }
    }
}
