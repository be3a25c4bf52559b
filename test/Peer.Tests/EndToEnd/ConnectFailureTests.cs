using System.Net;
using System.Net.Sockets;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.EndToEnd;

/// <summary>A download that reaches nobody says of each peer why.</summary>
[TestClass]
public sealed class ConnectFailureTests
{
    [TestMethod]
    public async Task DownloadAsync_AnotherPeerAnswers_SaysIdentityWrong()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        using PeerIdentity listed = PeerIdentity.Create();
        using PeerIdentity proven = PeerIdentity.Create();
        PeerNode impostor = await swarm.AddAsync(options => options.Platform = new NodePlatform { Security = new Impostor(listed, proven) });
        await impostor.ShareAsync(swarm.NewFile("mine.bin", 10_000));
        PeerNode downloader = await swarm.AddAsync(options => options.StallTimeout = TimeSpan.FromSeconds(8));
        await TestSwarm.WaitForPeersAsync(downloader, "mine.bin", 1);
        Task<ConnectFailure> failed = FirstFailureAsync(downloader);

        Task<P2PException> download = FailAsync(downloader, "mine.bin", swarm.NewTarget());

        ConnectFailure failure = await failed.WaitAsync(TestSwarm.Limit);
        Assert.AreEqual(ConnectFailureReason.IdentityWrong, failure.Reason, failure.ToString());
        Assert.AreEqual(listed.Id, failure.Peer);
        P2PException thrown = await download;
        Assert.AreEqual(P2PErrorReason.NoPeers, thrown.Reason);
        Assert.AreEqual(ConnectFailureReason.IdentityWrong, thrown.FailedPeers.Single().Reason);
        Assert.Contains(listed.Id.ToShortString(), thrown.Message);
    }

    [TestMethod]
    public async Task DownloadAsync_PeerGone_SaysUnreachable()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        TransportAddress gone = NobodyListens();
        PeerNode downloader = await swarm.AddAsync(options =>
        {
            options.DirectPeers.Add(gone.ToString());
            options.ConnectTimeout = TimeSpan.FromSeconds(1);
        });
        Task<ConnectFailure> failed = FirstFailureAsync(downloader);

        P2PException thrown = await FailAsync(downloader, "mine.bin", swarm.NewTarget());

        Assert.AreEqual(P2PErrorReason.NoPeers, thrown.Reason);
        Assert.AreEqual(ConnectFailureReason.Unreachable, thrown.FailedPeers.Single().Reason, thrown.Message);
        Assert.AreEqual(gone, thrown.FailedPeers[0].Address);
        Assert.Contains($"{gone}: nothing answers there", thrown.Message);
        Assert.AreEqual(thrown.FailedPeers[0], await failed.WaitAsync(TestSwarm.Limit));
    }

    [TestMethod]
    public async Task DownloadAsync_PeerThatTellsNothing_SaysTimedOut()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        PeerNode downloader = await swarm.AddAsync(options =>
        {
            options.DirectPeers.Add(silent.LocalEndpoint.ToString()!);
            options.ConnectTimeout = TimeSpan.FromSeconds(1);
        });

        P2PException thrown = await FailAsync(downloader, "mine.bin", swarm.NewTarget());

        Assert.AreEqual(ConnectFailureReason.TimedOut, thrown.FailedPeers.Single().Reason, thrown.Message);
    }

    [TestMethod]
    public async Task DownloadAsync_SharingEnded_SaysRefused()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode sharer = await swarm.AddAsync();
        Share share = await sharer.ShareAsync(swarm.NewFile("mine.bin", 10_000));
        await share.DisposeAsync();
        PeerNode downloader = await swarm.AddAsync(options => options.DirectPeers.Add(sharer.LocalAddress.ToString()));

        P2PException thrown = await FailAsync(downloader, share.Ticket, swarm.NewTarget());

        Assert.AreEqual(P2PErrorReason.Refused, thrown.Reason);
        Assert.AreEqual(ConnectFailureReason.Refused, thrown.FailedPeers.Single().Reason);
        Assert.AreEqual(sharer.Id, thrown.FailedPeers[0].Peer);
    }

    [TestMethod]
    public async Task DownloadAsync_ManyPeersThatTellNothing_DoNotHoldUpTheOneThatGives()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode sharer = await swarm.AddAsync();
        Share share = await sharer.ShareAsync(swarm.NewFile("mine.bin", 10_000));
        TcpListener[] silent = [.. Enumerable.Range(0, 20).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        try
        {
            PeerNode downloader = await swarm.AddAsync(options =>
            {
                foreach (TcpListener listener in silent)
                {
                    listener.Start();
                    options.DirectPeers.Add(listener.LocalEndpoint.ToString()!);
                }

                options.DirectPeers.Add(sharer.LocalAddress.ToString());
                options.ConnectTimeout = TimeSpan.FromSeconds(30);
            });
            Task<ConnectFailure> failed = FirstFailureAsync(downloader);

            await downloader.DownloadAsync(share.Ticket, new DownloadOptions { OutputPath = swarm.NewTarget() }).WaitAsync(TestSwarm.Limit);

            Assert.IsFalse(failed.IsCompleted, "a silent peer was waited for to its end");
        }
        finally
        {
            foreach (TcpListener listener in silent) listener.Dispose();
        }
    }

    private static Task<ConnectFailure> FirstFailureAsync(PeerNode node)
    {
        var first = new TaskCompletionSource<ConnectFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        node.ConnectFailed += failure => first.TrySetResult(failure);
        return first.Task;
    }

    private static async Task<P2PException> FailAsync(PeerNode node, string what, string target) =>
        await Assert.ThrowsExactlyAsync<P2PException>(() => node.DownloadAsync(what, new DownloadOptions { OutputPath = target }).WaitAsync(TestSwarm.Limit));

    private static TransportAddress NobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new TransportAddress((IPEndPoint)listener.LocalEndpoint);
    }

    /// <summary>Claims one key and proves another.</summary>
    private sealed class Impostor(PeerIdentity listed, PeerIdentity proven) : IPeerSecurity
    {
        private readonly TlsSecurity _security = new(proven);

        public PeerId Id => listed.Id;

        public Task<SecuredStream> AuthenticateAsClientAsync(Stream transport, PeerId? expected, CancellationToken cancellationToken) =>
            _security.AuthenticateAsClientAsync(transport, expected, cancellationToken);

        public Task<SecuredStream> AuthenticateAsServerAsync(Stream transport, CancellationToken cancellationToken) =>
            _security.AuthenticateAsServerAsync(transport, cancellationToken);

        public void Dispose() => _security.Dispose();
    }
}
