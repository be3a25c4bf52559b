using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CS3103P2P.Peer.Tests.EndToEnd;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class PeerListenerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task PlainExchange_KnownFile_IsServedChunkByChunk()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode sharer = await swarm.AddAsync();
        string path = swarm.NewFile("old program.txt", 5000);
        await sharer.ShareAsync(path, new ShareOptions { ChunkSize = 2048 });
        await sharer.ShareAsync(swarm.NewFile("hidden", 100), new ShareOptions { IsPrivate = true });
        using var client = new TcpClient();
        await client.ConnectAsync(sharer.LocalAddress.ToIPEndPoint());
        NetworkStream stream = client.GetStream();
        byte[] expected = await File.ReadAllBytesAsync(path);
        var got = new List<byte>();
        for (int chunk = 1; chunk <= 3; chunk++)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"DOWNLOAD {(chunk == 2 ? "old%20program.txt" : "old program.txt")} {chunk}"));
            byte[] header = new byte[10];
            await stream.ReadExactlyAsync(header).AsTask().WaitAsync(Limit);
            Assert.AreEqual(chunk, BinaryPrimitives.ReadInt32LittleEndian(header));
            int size = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
            Assert.AreEqual(chunk == 3 ? 904 : 2048, size);
            Assert.AreEqual(chunk == 3 ? 1 : 0, header[8]);
            byte[] data = new byte[size];
            await stream.ReadExactlyAsync(data).AsTask().WaitAsync(Limit);
            got.AddRange(data);
        }

        CollectionAssert.AreEqual(expected, got);
        foreach (string request in new[] { "DOWNLOAD old program.txt 4", "DOWNLOAD nothing 1", "DOWNLOAD hidden 1" })
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
            byte[] answer = new byte[16];
            await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Limit);
            Assert.AreEqual("CHUNK NOT FOUND\0", Encoding.ASCII.GetString(answer), request);
        }
    }

    [TestMethod]
    [DataRow("GET / HTTP/1.1\r\n\r\n")]
    [DataRow("DOWNLOAD x y")]
    [DataRow("\u0016\u0003\u0001nonsense")]
    public async Task Accept_WhatIsNoPeer_IsClosed(string text)
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode node = await swarm.AddAsync(options => options.ConnectTimeout = TimeSpan.FromSeconds(1));
        using var client = new TcpClient();
        await client.ConnectAsync(node.LocalAddress.ToIPEndPoint());
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));
        Assert.IsTrue(await IsClosedAsync(client), text);
    }

    [TestMethod]
    public async Task Accept_SilentConnection_IsClosedAfterTheHandshakeTime()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode node = await swarm.AddAsync(options => options.ConnectTimeout = TimeSpan.FromSeconds(1));
        using var client = new TcpClient();
        await client.ConnectAsync(node.LocalAddress.ToIPEndPoint());
        Assert.IsTrue(await IsClosedAsync(client));
    }

    [TestMethod]
    public async Task Accept_TooManyFromOneAddress_AreTurnedAway()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode node = await swarm.AddAsync(options => (options.MaxConnectionsPerAddress, options.ConnectTimeout) = (2, TimeSpan.FromMinutes(1)));
        using var first = new TcpClient();
        using var second = new TcpClient();
        using var third = new TcpClient();
        await first.ConnectAsync(node.LocalAddress.ToIPEndPoint());
        await second.ConnectAsync(node.LocalAddress.ToIPEndPoint());
        await third.ConnectAsync(node.LocalAddress.ToIPEndPoint());
        Assert.IsTrue(await IsClosedAsync(third));
    }

    [TestMethod]
    public async Task DownloadAsync_OnlyPlainProgramsHaveIt_FetchesByThePlainExchange()
    {
        await using TestSwarm swarm = await TestSwarm.StartAsync();
        PeerNode stranger = await swarm.AddAsync(options => options.Tracker = null);   // plays the old program: the tracker does not know its id
        string path = swarm.NewFile("legacy.bin", 10_000);
        await stranger.ShareAsync(path, new ShareOptions { ChunkSize = 2048 });
        using var udp = new UdpClient();
        Assert.IsTrue(TransportAddress.TryParse(swarm.TrackerAddress, 80, out TransportAddress tracker));
        string chunks = string.Concat(Enumerable.Range(1, 5).Select(chunk => $"legacy.bin {chunk}|"));
        await udp.SendAsync(Encoding.ASCII.GetBytes($"REQUEST 4 127.0.0.1 {stranger.LocalAddress.Port} {chunks}"), tracker.ToIPEndPoint());
        PeerNode downloader = await swarm.AddAsync();
        await TestSwarm.WaitForPeersAsync(downloader, "legacy.bin", 1);
        string target = swarm.NewTarget();
        DownloadResult result = await downloader.DownloadAsync("legacy.bin", new DownloadOptions { OutputPath = target }).WaitAsync(Limit);
        await TestSwarm.AssertSameAsync(path, target);
        Assert.AreEqual("plain", result.Peers.Single().Transport);
    }

    [TestMethod]
    public async Task DownloadAsync_OverUtpAlone_Works()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode sharer = await swarm.AddAsync();
        string path = swarm.NewFile("utp.bin", 2_000_000);
        Share share = await sharer.ShareAsync(path);
        await using DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = new TransportAddress(IPAddress.Loopback, 0) });
        await using var utp = new UtpTransport(endpoint, new UtpOptions());
        using PeerIdentity identity = PeerIdentity.Create();
        UtpStream stream = await utp.ConnectAsync(sharer.LocalAddress).WaitAsync(Limit);
        await using SecureStream secure = await SecureStream.AuthenticateAsClientAsync(stream, identity, sharer.Id).WaitAsync(Limit);
        await using var hand = new HandPeer(secure);
        await hand.GreetAsync();
        await hand.OpenAsync(1, share.Name);
        Assert.IsTrue(await hand.ReadUntilAsync(PeerMessageType.FileInfo, Limit));
        await hand.WantAsync(1, new BlockRequest(0, 0, 16384));
        Assert.IsTrue(await hand.ReadUntilAsync(PeerMessageType.FileData, Limit));
    }

    private static async Task<bool> IsClosedAsync(TcpClient client)
    {
        try
        {
            using var bounded = new CancellationTokenSource(Limit);
            return await client.GetStream().ReadAsync(new byte[100], bounded.Token) >= 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
