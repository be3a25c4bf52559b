using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Interop.Utp;

/// <summary>Moves a torrent to and from libtorrent over uTP.</summary>
[TestClass]
public sealed class LibtorrentUtpTests
{
    private const int ContentBytes = 8 * 1024 * 1024;
    private const int MaxRequests = 32;
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));

    private CancellationToken Ct => _deadline.Token;

    [TestMethod]
    public async Task ConnectAsync_ToALibtorrentSeed_DownloadsAndVerifiesTheTorrent()
    {
        await using LibtorrentPeer peer = await LibtorrentPeer.StartAsync("seed", ContentBytes, 0, Ct);
        await using DatagramEndpoint endpoint = BindLoopback();
        await using var transport = new UtpTransport(endpoint, new UtpOptions());
        await using UtpStream stream = await transport.ConnectAsync(new TransportAddress(IPAddress.Loopback, peer.Port), Ct);
        var wire = new BitTorrentWire(stream);
        CollectionAssert.AreEqual(peer.InfoHash, await wire.HandshakeAsync(peer.InfoHash, Ct));
        byte[] content = await DownloadAsync(wire, peer.Size, peer.PieceLength);
        for (int i = 0; i < peer.PieceHashes.Length; i++) AssertPiece(peer, content, i);
    }

    [TestMethod]
    public async Task AcceptAsync_FromALibtorrentLeech_ServesTheWholeTorrent()
    {
        await using DatagramEndpoint endpoint = BindLoopback();
        await using var transport = new UtpTransport(endpoint, new UtpOptions());
        await using LibtorrentPeer peer = await LibtorrentPeer.StartAsync("leech", ContentBytes, endpoint.LocalAddress.Port, Ct);
        byte[] content = await File.ReadAllBytesAsync(peer.ContentPath, Ct);
        using var served = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await using UtpStream stream = await transport.AcceptAsync(Ct);
        Task serving = ServeAsync(new BitTorrentWire(stream), peer, content, served.Token);
        Task<System.Text.Json.JsonElement> finished = peer.ReadLineAsync(Ct);
        string hash = (await finished).GetProperty("sha256").GetString()!;
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(content)), hash);
        await served.CancelAsync();
        // Serving ends by cancellation, or because libtorrent, now a seed too, has left.
        await Assert.ThrowsAsync<Exception>(() => serving);
    }

    private static DatagramEndpoint BindLoopback() =>
        DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = new TransportAddress(IPAddress.Loopback, 0) });

    private static void AssertPiece(LibtorrentPeer peer, byte[] content, int piece)
    {
        int start = piece * peer.PieceLength;
        int length = Math.Min(peer.PieceLength, peer.Size - start);
        CollectionAssert.AreEqual(peer.PieceHashes[piece], Sha1(content.AsSpan(start, length)), $"piece {piece}");
    }

#pragma warning disable CA5350 // BitTorrent v1 is SHA-1
    private static byte[] Sha1(ReadOnlySpan<byte> bytes) => SHA1.HashData(bytes);
#pragma warning restore CA5350

    private async Task<byte[]> DownloadAsync(BitTorrentWire wire, int size, int pieceLength)
    {
        byte[] content = new byte[size];
        await wire.SendAsync(BitTorrentWire.Interested, default, Ct);
        while ((await wire.ReceiveAsync(Ct)).Id != BitTorrentWire.Unchoke)
        {
            // Bitfield and the like: a seed has everything.
        }

        int requested = 0;
        int received = 0;
        int outstanding = 0;
        while (received < size)
        {
            for (; outstanding < MaxRequests && requested < size; outstanding++)
            {
                int length = Math.Min(BitTorrentWire.BlockBytes, size - requested);
                await wire.SendRequestAsync(requested / pieceLength, requested % pieceLength, length, Ct);
                requested += length;
            }

            (byte id, byte[] message) = await wire.ReceiveAsync(Ct);
            if (id != BitTorrentWire.Piece) continue;
            int at = (BinaryPrimitives.ReadInt32BigEndian(message) * pieceLength) + BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4));
            message.AsSpan(8).CopyTo(content.AsSpan(at));
            received += message.Length - 8;
            outstanding--;
        }

        return content;
    }

    private static async Task ServeAsync(BitTorrentWire wire, LibtorrentPeer peer, byte[] content, CancellationToken ct)
    {
        CollectionAssert.AreEqual(peer.InfoHash, await wire.HandshakeAsync(peer.InfoHash, ct));
        int pieces = peer.PieceHashes.Length;
        byte[] bitfield = new byte[(pieces + 7) / 8];
        for (int i = 0; i < pieces; i++) bitfield[i / 8] |= (byte)(0x80 >> (i % 8));
        await wire.SendAsync(BitTorrentWire.Bitfield, bitfield, ct);
        await wire.SendAsync(BitTorrentWire.Unchoke, default, ct);
        while (true)
        {
            (byte id, byte[] message) = await wire.ReceiveAsync(ct);
            if (id != BitTorrentWire.Request) continue;
            int piece = BinaryPrimitives.ReadInt32BigEndian(message);
            int offset = BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4));
            int length = BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(8));
            byte[] block = [.. message[..8], .. content.AsSpan((piece * peer.PieceLength) + offset, length)];
            await wire.SendAsync(BitTorrentWire.Piece, block, ct);
        }
    }
}
