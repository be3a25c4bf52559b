using System.Buffers.Binary;

namespace CS3103P2P.Interop.Utp;

/// <summary>As much of the BitTorrent peer protocol (BEP 3) as it takes to move a torrent.</summary>
internal sealed class BitTorrentWire(Stream stream)
{
    public const int BlockBytes = 16 * 1024;
    public const byte Unchoke = 1;
    public const byte Interested = 2;
    public const byte Bitfield = 5;
    public const byte Request = 6;
    public const byte Piece = 7;

    private const int MaxMessageBytes = 1 << 20;
    private static readonly byte[] Protocol = [19, .. "BitTorrent protocol"u8];

    /// <summary>Exchanges handshakes; yields the peer's info hash.</summary>
    public async Task<byte[]> HandshakeAsync(byte[] infoHash, CancellationToken ct)
    {
        byte[] hello = [.. Protocol, .. new byte[8], .. infoHash, .. "-CS3103-000000000001"u8];
        await stream.WriteAsync(hello, ct);
        byte[] answer = new byte[hello.Length];
        await stream.ReadExactlyAsync(answer, ct);
        CollectionAssert.AreEqual(Protocol, answer[..Protocol.Length]);
        return answer[28..48];
    }

    public async Task SendAsync(byte id, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        byte[] message = new byte[5 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, content.Length + 1);
        message[4] = id;
        content.CopyTo(message.AsMemory(5));
        await stream.WriteAsync(message, ct);
    }

    public Task SendRequestAsync(int piece, int offset, int length, CancellationToken ct) =>
        SendAsync(Request, PackIntegers(piece, offset, length), ct);

    /// <summary>The next message that is no keep-alive.</summary>
    public async Task<(byte Id, byte[] Content)> ReceiveAsync(CancellationToken ct)
    {
        byte[] prefix = new byte[4];
        int length;
        do
        {
            await stream.ReadExactlyAsync(prefix, ct);
            length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        }
        while (length == 0);
        Assert.IsInRange(1, MaxMessageBytes, length);
        byte[] message = new byte[length];
        await stream.ReadExactlyAsync(message, ct);
        return (message[0], message[1..]);
    }

    private static byte[] PackIntegers(params int[] values)
    {
        byte[] packed = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt32BigEndian(packed.AsSpan(i * 4), values[i]);
        return packed;
    }
}
