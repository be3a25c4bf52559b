using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.EndToEnd;

[TestClass]
public sealed class PeerNodeTests
{
    [TestMethod]
    [DataRow("plain.bin", 3_000_000)]
    [DataRow("empty", 0)]
    [DataRow("a b,c|d%.txt", 100_000)]
    [DataRow("tiếng Việt, có dấu.txt", 70_001)]
    [DataRow("🎈 party.jpg", 1)]
    public async Task DownloadAsync_ByName_GivesTheSameBytes(string name, int size)
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        PeerNode sharer = await swarm.AddAsync();
        PeerNode downloader = await swarm.AddAsync();
        string path = swarm.NewFile(name, size);
        Share share = await sharer.ShareAsync(path);
        await TestSwarm.WaitForPeersAsync(downloader, name, 1);
        CollectionAssert.Contains((await downloader.ListAsync()).ToArray(), name);
        string target = swarm.NewTarget();
        DownloadResult result = await downloader.DownloadAsync(name, new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit);
        await TestSwarm.AssertSameAsync(path, target);
        Assert.AreEqual(size, result.FetchedBytes);
        Assert.AreEqual(share.Descriptor, result.Descriptor);
        Assert.IsTrue(result.TrustedTracker);
    }

    [TestMethod]
    public async Task DownloadAsync_ThreeSharersOneKilledMidway_Completes()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        string path = swarm.NewFile("film.bin", 60_000_000);
        var sharers = new List<PeerNode>();
        for (int i = 0; i < 3; i++)
        {
            PeerNode sharer = await swarm.AddAsync(options => options.UploadLimitBitsPerSecond = 400_000_000);
            await sharer.ShareAsync(path);
            sharers.Add(sharer);
        }

        PeerNode downloader = await swarm.AddAsync();
        await TestSwarm.WaitForPeersAsync(downloader, "film.bin", 3);
        Task? killed = null;
        var progress = new SynchronousProgress<DownloadProgress>(value =>
        {
            if (value.FetchedBytes > 5_000_000) killed ??= sharers[0].DisposeAsync().AsTask();
        });
        string target = swarm.NewTarget();
        DownloadResult result = await downloader.DownloadAsync("film.bin", new DownloadOptions { OutputPath = target }, progress).WaitAsync(TestSwarm.Limit);
        Assert.IsNotNull(killed);
        await killed;
        await TestSwarm.AssertSameAsync(path, target);
        Assert.HasCount(3, result.Peers);
        Assert.AreEqual(60_000_000, result.Peers.Sum(peer => peer.VerifiedBytes));
    }

    [TestMethod]
    public async Task DownloadAsync_InterruptedAndBegunAgain_FetchesOnlyTheRest()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        string path = swarm.NewFile("resumed.bin", 20_000_000);
        PeerNode sharer = await swarm.AddAsync(options => options.UploadLimitBitsPerSecond = 160_000_000);
        await sharer.ShareAsync(path);
        string target = swarm.NewTarget();
        PeerNode downloader = await swarm.AddAsync();
        await TestSwarm.WaitForPeersAsync(downloader, "resumed.bin", 1);
        using var interrupt = new CancellationTokenSource();
        var progress = new SynchronousProgress<DownloadProgress>(value =>
        {
            if (value.FetchedBytes > 4_000_000) interrupt.Cancel();
        });
        var options = new DownloadOptions { OutputPath = target };
        await Assert.ThrowsAsync<OperationCanceledException>(() => downloader.DownloadAsync("resumed.bin", options, progress, interrupt.Token).WaitAsync(TestSwarm.Limit));
        Assert.IsFalse(File.Exists(target));
        PeerNode again = await swarm.AddAsync();
        DownloadResult result = await again.DownloadAsync("resumed.bin", options).WaitAsync(TestSwarm.Limit);
        Assert.IsLessThan(16_100_000, result.FetchedBytes);
        await TestSwarm.AssertSameAsync(path, target);
    }

    [TestMethod]
    public async Task DownloadAsync_DirectoryTree_GivesEveryFileAndEmptyFolder()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        string root = Directory.CreateDirectory(Path.Combine(swarm.Folder, "album")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "empty"));
        Directory.CreateDirectory(Path.Combine(root, "sâu", "hơn"));
        for (int i = 0; i < 30; i++) await File.WriteAllBytesAsync(Path.Combine(root, i % 2 == 0 ? "sâu/hơn" : "", $"f{i}"), TestSwarm.RandomBytes(i * i * 1000));
        PeerNode sharer = await swarm.AddAsync();
        Share share = await sharer.ShareAsync(root);
        PeerNode downloader = await swarm.AddAsync();
        string target = swarm.NewTarget();
        await downloader.DownloadAsync(share.Ticket, new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit);
        string[] expected = [.. Directory.GetFileSystemEntries(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order()];
        string[] actual = [.. Directory.GetFileSystemEntries(target, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(target, path)).Order()];
        CollectionAssert.AreEqual(expected, actual);
        foreach (string path in expected.Where(path => File.Exists(Path.Combine(root, path))))
            await TestSwarm.AssertSameAsync(Path.Combine(root, path), Path.Combine(target, path));
    }

    [TestMethod]
    public async Task DownloadAsync_PrivateShare_NeedsTheTicket()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        string path = swarm.NewFile("secret.bin", 200_000);
        PeerNode sharer = await swarm.AddAsync();
        Share share = await sharer.ShareAsync(path, new ShareOptions { IsPrivate = true });
        PeerNode downloader = await swarm.AddAsync(options => options.DirectPeers.Add(sharer.LocalAddress.ToString()));
        Assert.IsEmpty(await downloader.ListAsync());
        P2PException byName = await Assert.ThrowsExactlyAsync<P2PException>(() => downloader.DownloadAsync("secret.bin").WaitAsync(TestSwarm.Limit));
        Assert.AreEqual(P2PErrorReason.NotFound, byName.Reason);

        Assert.IsTrue(ShareTicket.TryParse(share.Ticket, out ShareTicket? ticket));
        string wrong = new ShareTicket(ticket.Descriptor, ticket.Trackers, new ShareSecret(new byte[32])).ToTicketText();
        P2PException refused = await Assert.ThrowsExactlyAsync<P2PException>(
            () => downloader.DownloadAsync(wrong, new DownloadOptions { OutputPath = swarm.NewTarget() }).WaitAsync(TestSwarm.Limit));
        Assert.AreEqual(P2PErrorReason.Refused, refused.Reason);

        string target = swarm.NewTarget();
        await downloader.DownloadAsync(share.Ticket, new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit);
        await TestSwarm.AssertSameAsync(path, target);
    }

    [TestMethod]
    public async Task DownloadAsync_WithoutTracker_UsesDirectPeers()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        string path = swarm.NewFile("direct.bin", 1_000_000);
        PeerNode sharer = await swarm.AddAsync();
        await sharer.ShareAsync(path);
        PeerNode downloader = await swarm.AddAsync(options => options.DirectPeers.Add(sharer.LocalAddress.ToString()));
        string target = swarm.NewTarget();
        DownloadResult result = await downloader.DownloadAsync("direct.bin", new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit);
        Assert.AreEqual(sharer.Id, result.Peers.Single().Peer);
        await TestSwarm.AssertSameAsync(path, target);
    }

    [TestMethod]
    public async Task DownloadAsync_KeepSharing_ServesOthersAfterTheFirstSharerLeft()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        string path = swarm.NewFile("relay.bin", 500_000);
        PeerNode sharer = await swarm.AddAsync();
        Share share = await sharer.ShareAsync(path);
        PeerNode middle = await swarm.AddAsync();
        await TestSwarm.WaitForPeersAsync(middle, "relay.bin", 1);
        DownloadResult kept = await middle.DownloadAsync("relay.bin", new DownloadOptions { OutputPath = swarm.NewTarget(), KeepSharing = true }).WaitAsync(TestSwarm.Limit);
        Assert.IsNotNull(kept.Share);
        await TestSwarm.WaitForPeersAsync(middle, "relay.bin", 2);
        await share.DisposeAsync();
        await sharer.DisposeAsync();
        PeerNode last = await swarm.AddAsync();
        string target = swarm.NewTarget();
        DownloadResult result = await last.DownloadAsync("relay.bin", new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit);
        Assert.AreEqual(middle.Id, result.Peers.Single().Peer);
    }

    [TestMethod]
    public async Task DownloadAsync_UnknownNameOrTakenTarget_SaysWhy()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        PeerNode sharer = await swarm.AddAsync();
        PeerNode downloader = await swarm.AddAsync();
        P2PException unknown = await Assert.ThrowsExactlyAsync<P2PException>(() => downloader.DownloadAsync("nobody has it").WaitAsync(TestSwarm.Limit));
        Assert.AreEqual(P2PErrorReason.NotFound, unknown.Reason);
        Share share = await sharer.ShareAsync(swarm.NewFile("taken.bin", 5000));
        string target = swarm.NewFile("other.bin", 4000);
        P2PException taken = await Assert.ThrowsExactlyAsync<P2PException>(
            () => downloader.DownloadAsync(share.Ticket, new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit));
        Assert.AreEqual(P2PErrorReason.TargetExists, taken.Reason);
        P2PException bad = await Assert.ThrowsExactlyAsync<P2PException>(() => downloader.DownloadAsync("p2p:not-a-ticket"));
        Assert.AreEqual(P2PErrorReason.InvalidName, bad.Reason);
        P2PException missing = await Assert.ThrowsExactlyAsync<P2PException>(() => sharer.ShareAsync(Path.Combine(swarm.Folder, "nothing")));
        Assert.AreEqual(P2PErrorReason.NotFound, missing.Reason);
    }

    [TestMethod]
    public async Task StartAsync_PortInUse_SaysSo()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode first = await swarm.AddAsync();
        P2PException used = await Assert.ThrowsExactlyAsync<P2PException>(() => swarm.AddAsync(options => options.Port = first.LocalAddress.Port));
        Assert.AreEqual(P2PErrorReason.PortUnavailable, used.Reason);
    }
}
