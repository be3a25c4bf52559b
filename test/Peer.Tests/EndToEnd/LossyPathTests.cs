using CS3103P2P.Transport.Tests.Streams;

namespace CS3103P2P.Peer.Tests.EndToEnd;

[TestClass]
public sealed class LossyPathTests
{
    private const int Seed = 3103;

    // The relay passes on UDP alone, so TCP finds nobody at its port and uTP has to do it.
    [TestMethod]
    public async Task DownloadAsync_OverUtpThroughLossReorderingAndDuplication_GivesTheSameBytes()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode sharer = await swarm.AddAsync();
        string path = swarm.NewFile("rough.bin", 4_000_000);
        Share share = await sharer.ShareAsync(path);
        await using var relay = new LossyRelay(sharer.LocalAddress, Seed) { Loss = 0.02 };
        PeerNode downloader = await swarm.AddAsync(options => options.DirectPeers.Add(relay.Address.ToString()));

        string target = swarm.NewTarget();
        DownloadResult result = await downloader.DownloadAsync(share.Ticket, new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit);

        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(path), await File.ReadAllBytesAsync(target), $"seed {Seed}");
        Assert.AreEqual("utp", result.Peers.Single().Transport);
    }
}
