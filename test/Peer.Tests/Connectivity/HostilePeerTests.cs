using System.Diagnostics;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Swarm;
using CS3103P2P.Peer.Tests.Transfers;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Connectivity;

/// <summary>Peers that break the rules, driven by hand over real connections.</summary>
[TestClass]
public sealed class HostilePeerTests
{
    private const int Chunk = 65536;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    [DataRow("no frame", "FFFFFFFFFFFFFFFFFFFF")]
    [DataRow("no greeting", "02080B00")]
    [DataRow("a greeting of garbage", "020801" + "03FFFFFF")]
    [DataRow("a greeting without version", "020801" + "060A00100118" + "00")]
    public async Task Connection_BadBeginning_IsCut(string what, string hex)
    {
        await using var victim = new LoopbackPeer();
        await using var attacker = new LoopbackPeer();
        (SecureStream stream, PeerConnection theirs) = await attacker.ConnectByHandAsync(victim);
        await using (stream)
        {
            await stream.WriteAsync(Convert.FromHexString(hex));
            await theirs.Completion.WaitAsync(Limit);
            Assert.IsTrue(theirs.Completion.IsCompletedSuccessfully, what);
        }
    }

    [TestMethod]
    public async Task Connection_DataThatNobodyAskedFor_IsCut()
    {
        await using var victim = new LoopbackPeer();
        await using var attacker = new LoopbackPeer();
        (SecureStream stream, PeerConnection theirs) = await attacker.ConnectByHandAsync(victim);
        await using var hand = new HandPeer(stream);
        await hand.GreetAsync();
        await hand.SendDataAsync(channel: 1, offset: 0, new byte[1000]);
        await theirs.Completion.WaitAsync(Limit);
    }

    [TestMethod]
    public async Task Connection_FloodOfFrames_IsCut()
    {
        await using var victim = new LoopbackPeer();
        await using var attacker = new LoopbackPeer();
        (SecureStream stream, PeerConnection theirs) = await attacker.ConnectByHandAsync(victim);
        await using var hand = new HandPeer(stream);
        await hand.GreetAsync();
        byte[] keepAlives = new byte[400_000];
        for (int at = 0; at + 6 <= keepAlives.Length; at += 6) Convert.FromHexString("040817100100").CopyTo(keepAlives, at);
        keepAlives = keepAlives[..(keepAlives.Length / 6 * 6)];
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (!theirs.Completion.IsCompleted) await hand.WriteAsync(keepAlives);
            throw new IOException("cut");
        });
        await theirs.Completion.WaitAsync(Limit);
    }

    [TestMethod]
    [DataRow(16, false)]
    [DataRow(400, true)]
    public async Task Connection_WantsWithoutReading_AreRefusedThenCut(int frames, bool isCut)
    {
        await using var victim = new LoopbackPeer();
        await using var attacker = new LoopbackPeer();
        victim.Shares.TryAdd(new ServedShare(new MemoryContent(new byte[4_000_000], Chunk, isComplete: true), "memory", null));
        (SecureStream stream, PeerConnection theirs) = await attacker.ConnectByHandAsync(victim);
        await using var hand = new HandPeer(stream);
        await hand.GreetAsync();
        await hand.OpenAsync(1, "memory");
        var blocks = Enumerable.Range(0, WantMessage.MaxBlocks).Select(i => new BlockRequest(i % 60, 0, Chunk)).ToArray();
        for (int i = 0; i < frames && await hand.TryWantAsync(1, blocks); i++) Assert.IsLessThan(400, i);

        // 2,048 pieces wait, what is beyond is refused; and whoever does not even take 8,192 refusals is cut.
        if (isCut) await theirs.Completion.WaitAsync(Limit);
        else Assert.IsTrue(await hand.ReadUntilAsync(PeerMessageType.CommonReply, Limit));
    }

    [TestMethod]
    public async Task Connection_RequestsBeyondTheShare_AreRefusedAndItGoesOn()
    {
        await using var victim = new LoopbackPeer();
        await using var attacker = new LoopbackPeer();
        victim.Shares.TryAdd(new ServedShare(new MemoryContent(new byte[100_000], Chunk, isComplete: true), "memory", null));
        (SecureStream stream, PeerConnection theirs) = await attacker.ConnectByHandAsync(victim);
        await using var hand = new HandPeer(stream);
        await hand.GreetAsync();
        await hand.OpenAsync(1, "memory");
        await hand.WantAsync(1, new BlockRequest(2, 0, 100));
        Assert.IsTrue(await hand.ReadUntilAsync(PeerMessageType.CommonReply, Limit));
        await hand.WantAsync(1, new BlockRequest(1, Chunk - 10, 100));
        Assert.IsTrue(await hand.ReadUntilAsync(PeerMessageType.CommonReply, Limit));
        await hand.WantAsync(1, new BlockRequest(0, 0, 100));
        Assert.IsTrue(await hand.ReadUntilAsync(PeerMessageType.FileData, Limit));
        Assert.IsFalse(theirs.Completion.IsCompleted);
    }

    [TestMethod]
    [DataRow(Misdeed.Silence)]
    [DataRow(Misdeed.WrongLength)]
    [DataRow(Misdeed.WrongPlace)]
    [DataRow(Misdeed.Close)]
    [DataRow(Misdeed.RefuseEverything)]
    [DataRow(Misdeed.WrongHashes)]
    [DataRow(Misdeed.OtherShare)]
    public async Task Download_HostileServerBesideAGoodOne_Completes(Misdeed misdeed)
    {
        await using var good = new LoopbackPeer();
        await using var bad = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        byte[] bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        good.Shares.TryAdd(new ServedShare(new MemoryContent(bytes, Chunk, isComplete: true), "memory", null));
        var content = new MemoryContent(bytes, Chunk, isComplete: false);
        var limits = new SwarmLimits
        {
            SilenceTimeout = TimeSpan.FromMilliseconds(300), MetadataTimeout = TimeSpan.FromMilliseconds(300), FirstPause = TimeSpan.FromMilliseconds(100),
        };
        await using var session = new DownloadSession(content, new DownloadSessionOptions
        {
            Limits = limits, Random = new Random(2), TimeProvider = TimeProvider.System, Logger = NullLogger.Instance, Metrics = downloader.Metrics,
        });
        session.Start();
        (SecureStream stream, PeerConnection ours) = await bad.ConnectByHandAsync(downloader);
        await using var hand = new HandPeer(stream);
        Task playing = hand.PlayServerAsync(content, misdeed);
        session.Add(ours, "memory", default);
        await hand.Provoked.WaitAsync(Limit);
        (PeerConnection toGood, _) = await downloader.ConnectAsync(good);
        session.Add(toGood, "memory", default);
        await session.Completion.WaitAsync(Limit);
        Assert.IsTrue(content.IsComplete);
        Assert.AreEqual(bytes.Length, session.Contributions.ToList().Single(peer => peer.Peer == good.Identity.Id).VerifiedBytes);
        ours.Abort("the test is over");
        await playing.WaitAsync(Limit);
    }

    [TestMethod]
    public async Task Download_CancelledWhileDataComes_KeepsTheConnection()
    {
        await using var sharer = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        byte[] bytes = new byte[20_000_000];
        sharer.Shares.TryAdd(new ServedShare(new MemoryContent(bytes, 1 << 20, isComplete: true), "memory", null));
        (PeerConnection connection, _) = await downloader.ConnectAsync(sharer);
        for (int round = 0; round < 5; round++)
        {
            var content = new MemoryContent(bytes, 1 << 20, isComplete: false);
            await using var session = new DownloadSession(content, new DownloadSessionOptions
            {
                Random = new Random(round), TimeProvider = TimeProvider.System, Logger = NullLogger.Instance, Metrics = downloader.Metrics,
            });
            session.Start();
            Assert.IsNotNull(session.Add(connection, "memory", default));
            long start = Stopwatch.GetTimestamp();
            while (content.VerifiedCount < 2 + round && Stopwatch.GetElapsedTime(start) < Limit) await Task.Yield();
        }

        Assert.IsFalse(connection.Completion.IsCompleted);
        Assert.AreEqual(0, connection.Fetch.ChannelCount);
    }
}
