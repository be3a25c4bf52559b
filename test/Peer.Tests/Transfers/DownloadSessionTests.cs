using System.Diagnostics;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Transfers;

[TestClass]
public sealed class DownloadSessionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [TestMethod]
    [DataRow(0, 16384)]
    [DataRow(1, 2048)]
    [DataRow(3_000_001, 2048)]
    [DataRow(20_000_000, 65536)]
    [DataRow(30_000_000, 1048576)]
    public async Task Completion_OneSharer_GivesEveryChunkOnce(int size, int chunkSize)
    {
        await using var sharer = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        byte[] bytes = RandomBytes(size);
        Serve(sharer, new MemoryContent(bytes, chunkSize, isComplete: true));
        var content = new MemoryContent(bytes, chunkSize, isComplete: false);
        await using DownloadSession session = Start(downloader, content);
        (PeerConnection connection, _) = await downloader.ConnectAsync(sharer);
        Assert.IsNotNull(session.Add(connection, "memory", default));
        await session.Completion.WaitAsync(Limit);
        Assert.IsTrue(content.IsComplete);
        Assert.AreEqual(0, content.Duplicates);
        Assert.AreEqual(size, session.Contributions.TotalBytes);
    }

    [TestMethod]
    public async Task Completion_OverUtp_GivesEveryChunkOnce()
    {
        await using var sharer = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        byte[] bytes = RandomBytes(20_000_000);
        Serve(sharer, new MemoryContent(bytes, 65536, isComplete: true));
        var content = new MemoryContent(bytes, 65536, isComplete: false);
        await using DownloadSession session = Start(downloader, content);
        Assert.IsNotNull(session.Add(await downloader.ConnectUtpAsync(sharer), "memory", default));
        await session.Completion.WaitAsync(Limit);
        Assert.IsTrue(content.IsComplete);
        Assert.AreEqual(0, content.Duplicates);
    }

    [TestMethod]
    public async Task Completion_ThreeSharersOneCorruptOneLost_StillCompletes()
    {
        await using var good = new LoopbackPeer();
        await using var corrupt = new LoopbackPeer();
        await using var dying = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        byte[] bytes = RandomBytes(40_000_000);
        Serve(good, new MemoryContent(bytes, 65536, isComplete: true));
        var spoiled = new MemoryContent(bytes, 65536, isComplete: true);
        for (int chunk = 0; chunk < spoiled.Descriptor.ChunkCount; chunk++) spoiled.Spoil(chunk);
        Serve(corrupt, spoiled);
        Serve(dying, new MemoryContent(bytes, 65536, isComplete: true));
        var banned = new List<PeerConnection>();
        var content = new MemoryContent(bytes, 65536, isComplete: false);
        await using DownloadSession session = Start(downloader, content, banned.Add);
        foreach (LoopbackPeer peer in new[] { corrupt, dying, good })
        {
            (PeerConnection ours, PeerConnection theirs) = await downloader.ConnectAsync(peer);
            session.Add(ours, "memory", default);
            if (peer == dying) theirs.Abort("the test says so");
        }

        await session.Completion.WaitAsync(Limit);
        Assert.IsTrue(content.IsComplete);
        Assert.AreEqual(corrupt.Identity.Id, banned.Single().RemoteId);
        Assert.IsFalse(session.Contributions.ToList().Any(peer => peer.Peer == corrupt.Identity.Id));
    }

    [TestMethod]
    public async Task Completion_ChainOfDownloaders_ServesWhileDownloading()
    {
        await using var sharer = new LoopbackPeer();
        await using var first = new LoopbackPeer();
        await using var second = new LoopbackPeer();
        byte[] bytes = RandomBytes(10_000_000);
        Serve(sharer, new MemoryContent(bytes, 32768, isComplete: true));
        var half = new MemoryContent(bytes, 32768, isComplete: false);
        ServedShare served = Serve(first, half);
        await using DownloadSession one = Start(first, half, onVerified: verified => served.Announce(verified.Runs));
        var content = new MemoryContent(bytes, 32768, isComplete: false);
        await using DownloadSession two = Start(second, content);
        (PeerConnection toFirst, _) = await second.ConnectAsync(first);
        two.Add(toFirst, "memory", default);
        (PeerConnection toSharer, _) = await first.ConnectAsync(sharer);
        one.Add(toSharer, "memory", default);
        await two.Completion.WaitAsync(Limit);
        Assert.IsTrue(content.IsComplete);
    }

    [TestMethod]
    public async Task Completion_DiskIsFullWhenHashesCome_FailsAndBansNobody()
    {
        await using var sharer = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        (SecureStream silent, PeerConnection connection) = await sharer.ConnectByHandAsync(downloader);
        await using (silent)
        {
            var content = new MemoryContent(RandomBytes(100_000), 16384, isComplete: false) { IsDiskFull = true };
            await using DownloadSession session = Start(downloader, content);
            FetchChannel? channel = session.Add(connection, "memory", default);
            Assert.IsNotNull(channel);
            ((IFetchListener)session).OnMetadata(channel, new MetadataKey(MetadataKind.GroupRoots, 0), new byte[32]);
            StorageException failure = await Assert.ThrowsExactlyAsync<StorageException>(() => session.Completion.WaitAsync(Limit));
            Assert.AreEqual(StorageErrorReason.DiskFull, failure.Reason);
            Assert.AreEqual(0, session.Bans, "an honest peer was banned for what our disk did");
        }
    }

    [TestMethod]
    public async Task Add_PrivateShareWithWrongSecret_IsRefused()
    {
        await using var sharer = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        byte[] bytes = RandomBytes(100_000);
        var secret = new ShareSecret(RandomBytes(32));
        var wrong = new ShareSecret(new byte[32]);
        sharer.Shares.TryAdd(new ServedShare(new MemoryContent(bytes, 16384, isComplete: true), "memory", secret));
        (PeerConnection connection, _) = await downloader.ConnectAsync(sharer);

        await using DownloadSession refused = Start(downloader, new MemoryContent(bytes, 16384, isComplete: false));
        refused.Add(connection, "memory", Proof(wrong, downloader, sharer));
        await WaitUntilAsync(() => refused.Refusals == 1);
        Assert.AreEqual(0, refused.OpenPeers);

        await using DownloadSession accepted = Start(downloader, new MemoryContent(bytes, 16384, isComplete: false));
        accepted.Add(connection, "memory", Proof(secret, downloader, sharer));
        await accepted.Completion.WaitAsync(Limit);
    }

    private static byte[] Proof(ShareSecret secret, LoopbackPeer requester, LoopbackPeer server)
    {
        byte[] proof = new byte[ShareSecret.ProofSizeInBytes];
        secret.WriteFetchProof(requester.Identity.Id, server.Identity.Id, proof);
        return proof;
    }

    private static ServedShare Serve(LoopbackPeer peer, MemoryContent content)
    {
        var share = new ServedShare(content, "memory", null);
        Assert.IsTrue(peer.Shares.TryAdd(share));
        return share;
    }

    private static DownloadSession Start(
        LoopbackPeer peer, MemoryContent content, Action<PeerConnection>? onBanned = null, Action<ChunkSet>? onVerified = null)
    {
        var session = new DownloadSession(content, new DownloadSessionOptions
        {
            Random = new Random(1),
            TimeProvider = TimeProvider.System,
            Logger = NullLogger.Instance,
            Metrics = peer.Metrics,
            OnBanned = onBanned,
            OnVerified = onVerified,
        });
        session.Start();
        return session;
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.IsLessThan(Limit, Stopwatch.GetElapsedTime(start), "it did not come to pass");
            await Task.Yield();
        }
    }

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
