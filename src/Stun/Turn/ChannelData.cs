using System.Buffers.Binary;

namespace CS3103P2P.Stun;

/// <summary>TURN's short framing of data (RFC 8656 §12.4): channel number, length, data; over streams padded to four bytes.</summary>
internal static class ChannelData
{
    public const int HeaderBytes = 4;

    /// <summary>The first channel number there is.</summary>
    public const int FirstChannel = 0x4000;

    /// <summary>The last that this product's client binds: so its datagrams begin with 0x40, as no other protocol's on the port do.</summary>
    public const int LastClientChannel = 0x40FF;

    /// <summary>The last that a server lets clients bind: RFC 8656 ends at 0x4FFF, but clients of RFC 5766 (§11) go up to here.</summary>
    public const int LastChannel = 0x7FFE;

    /// <summary>Reads one message; bytes behind it are padding.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out int channel, out ReadOnlySpan<byte> data)
    {
        channel = 0;
        data = default;
        if (frame.Length < HeaderBytes) return false;
        channel = BinaryPrimitives.ReadUInt16BigEndian(frame);
        int length = BinaryPrimitives.ReadUInt16BigEndian(frame[2..]);
        if (channel is < FirstChannel or > LastChannel || length > frame.Length - HeaderBytes) return false;
        data = frame.Slice(HeaderBytes, length);
        return true;
    }

    /// <summary>How long the message for so much data is.</summary>
    public static int FrameBytes(int dataBytes, bool isStream) => HeaderBytes + (isStream ? StunHeader.Padded(dataBytes) : dataBytes);

    /// <summary>Writes one message; the span has <see cref="FrameBytes"/>.</summary>
    public static void Write(Span<byte> frame, int channel, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)channel);
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)data.Length);
        data.CopyTo(frame[HeaderBytes..]);
        frame[(HeaderBytes + data.Length)..].Clear();
    }
}
