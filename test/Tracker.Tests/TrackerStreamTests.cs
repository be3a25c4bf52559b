using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Tests;

/// <summary>The tracker over TCP.</summary>
[TestClass]
public sealed class TrackerStreamTests
{
    private static readonly string Alice = new('a', 64);
    private static readonly string Bob = new('b', 64);

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task Requests_InOneSegment_AreAnsweredLineByLine()
    {
        await using TrackerServer server = await StartAsync();
        using var client = new Client(server);

        await client.SendAsync("REQUEST 6 id=1\nREQUEST 7 nothing id=2\n");

        Assert.AreEqual("RESPONSE  id=1", await client.ReadAsync());
        Assert.AreEqual("RESPONSE Not Found id=2", await client.ReadAsync());
    }

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task Rendezvous_ForAPeerOnTcp_ComesOverItsConnection()
    {
        await using TrackerServer server = await StartAsync();
        using var alice = new Client(server);
        using var bob = new Client(server);
        await alice.RefreshAsync(Alice);
        string cookie = await bob.RefreshAsync(Bob);

        await bob.SendAsync($"RENDEZVOUS to={Alice} peer={Bob} offer=aGVsbG8 {cookie}\n");

        Assert.StartsWith($"RENDEZVOUS peer={Bob} address=127.0.0.1:", await alice.ReadAsync());
        Assert.StartsWith("RESPONSE OK", await bob.ReadAsync());
    }

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task Line_ThatNeverEnds_EndsTheConnection()
    {
        await using TrackerServer server = await StartAsync();
        using var client = new Client(server);

        await client.SendAsync(new string('x', 3 * TrackerLimits.MaxDatagramBytes));

        Assert.IsNull(await client.ReadAsync());
    }

    private static async Task<TrackerServer> StartAsync()
    {
        // Another program may hold the TCP port of the number that UDP got, so a few numbers are tried.
        for (int attempt = 0; attempt < 20; attempt++)
        {
            var options = new TrackerOptions();
            options.Listen.Add(new TransportAddress(IPAddress.Loopback, 0));
            TrackerServer server = await TrackerServer.StartAsync(options);
            if (server.AnswersByTcp) return server;
            await server.DisposeAsync();
        }

        Assert.Inconclusive("No port number is free for UDP and TCP.");
        return null!;
    }

    private sealed class Client : IDisposable
    {
        private readonly TcpClient _tcp = new();
        private readonly StreamReader _reader;

        public Client(TrackerServer server)
        {
            _tcp.Connect(server.ListenAddresses[0].ToIPEndPoint());
            _reader = new StreamReader(_tcp.GetStream());
        }

        public async Task SendAsync(string text) => await _tcp.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(text));

        public async Task<string?> ReadAsync()
        {
            try
            {
                return await _reader.ReadLineAsync();
            }
            catch (IOException)
            {
                return null;   // reset, since the tracker closed with unread bytes
            }
        }

        public async Task<string> RefreshAsync(string peer)
        {
            await SendAsync($"REFRESH peer={peer}\n");
            string cookie = (await ReadAsync())!.Split(' ').Single(token => token.StartsWith("cookie=", StringComparison.Ordinal));
            await SendAsync($"REFRESH peer={peer} {cookie}\n");
            Assert.StartsWith("RESPONSE OK", await ReadAsync());
            return cookie;
        }

        public void Dispose()
        {
            _reader.Dispose();
            _tcp.Dispose();
        }
    }
}
