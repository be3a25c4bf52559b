using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Tracker.Hosting;

namespace CS3103P2P.Tracker.Tests;

/// <summary>The tracker on real sockets, asked by a plain UDP socket as an old program would.</summary>
[TestClass]
public sealed class TrackerServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TransportAddress AnyPort = new(IPAddress.Loopback, 0);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow("REQUEST 1 test.txt", "RESPONSE ")]
    [DataRow("REQUEST 2 test.txt", "RESPONSE ")]
    [DataRow("REQUEST 6", "RESPONSE ")]
    [DataRow("REQUEST 7 test.txt", "RESPONSE Not Found")]
    [DataRow("REQUEST 4 test.txt 1 203.0.113.5|REQUEST 3 test.txt 2 203.0.113.6|REQUEST 1 test.txt", "RESPONSE OK/RESPONSE OK/RESPONSE test.txt 1 203.0.113.5 6881#test.txt 2 203.0.113.6 6881#")]
    [DataRow("REQUEST 4 a.txt 1 127.0.0.1|REQUEST 4 b.txt 1 127.0.0.1|REQUEST 6\n", "RESPONSE OK/RESPONSE OK/RESPONSE a.txt, b.txt")]
    [DataRow("REQUEST 4 f 1 127.0.0.1|REQUEST 3 f 2|REQUEST 2 f\0", "RESPONSE OK/RESPONSE OK/RESPONSE f 1 127.0.0.1 6881#f 2 127.0.0.1 6881#")]
    [DataRow("REQUEST 4 127.0.0.1 6881 f 1#f 2#|REQUEST 1 f", "RESPONSE OK/RESPONSE f 1 127.0.0.1 6881#f 2 127.0.0.1 6881#")]
    [DataRow("REQUEST 3 127.0.0.1 6881 f 1#|REQUEST 3 f 2 127.0.0.1 6881|REQUEST 1 f", "RESPONSE OK/RESPONSE OK/RESPONSE f 1 127.0.0.1 6881#f 2 127.0.0.1 6881#")]
    [DataRow("REQUEST 4 f 1 [2001:db8::5]:7000|REQUEST 1 f", "RESPONSE OK/RESPONSE f 1 2001:db8::5 7000#")]
    [DataRow("REQUEST 4 f 1 127.0.0.1|REQUEST 5 127.0.0.1|REQUEST 7 f", "RESPONSE OK/RESPONSE OK/RESPONSE Not Found")]
    [DataRow("REQUEST 4 f 1 127.0.0.1 future=thing|REQUEST 7 f future=thing", "RESPONSE OK/RESPONSE f")]
    public async Task StartAsync_LiteralForms_GetLiteralReplies(string requests, string replies)
    {
        await using TrackerServer server = await StartAsync();
        var received = new List<string>();
        foreach (string request in requests.Split('|'))
        {
            // A socket of its own for each request, as the existing client has; '#' stands for '|'.
            using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            received.Add((await AskAsync(client, server, request.Replace('#', '|'))).Replace('|', '#'));
        }

        Assert.AreEqual(replies, string.Join('/', received));
    }

    [TestMethod]
    public async Task ChangeLimits_WhileRunning_HoldsFromThenOn()
    {
        await using TrackerServer server = await StartAsync();
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.AreEqual("RESPONSE OK", await AskAsync(client, server, "REQUEST 4 a 1 127.0.0.1"));
        server.ChangeLimits(new TrackerOptions { MaxFiles = 1 });
        StringAssert.StartsWith(await AskAsync(client, server, "REQUEST 4 b 1 127.0.0.1"), "ERROR 507");
        server.ChangeLimits(new TrackerOptions { MaxFiles = 2 });
        Assert.AreEqual("RESPONSE OK", await AskAsync(client, server, "REQUEST 4 b 1 127.0.0.1"));
        Assert.ThrowsExactly<ArgumentException>(() => server.ChangeLimits(new TrackerOptions { MaxFiles = 0 }));
        TrackerStatistics figures = server.GetStatistics();
        Assert.AreEqual((2, 2, 1L), (figures.Files, figures.Entries, figures.Errors));
    }

    [TestMethod]
    public async Task StartAsync_TwoThousandRandomDatagrams_StillServes()
    {
        const int Seed = 77;
        var random = new Random(Seed);
        await using TrackerServer server = await StartAsync();
        using var hostile = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < 2_000; i++)
        {
            byte[] datagram = new byte[random.Next(i % 50 == 0 ? 9_000 : 200)];
            random.NextBytes(datagram);
            if (i % 3 == 0) "REQUEST "u8.ToArray().AsSpan(0, Math.Min(8, datagram.Length)).CopyTo(datagram);
            await hostile.SendAsync(datagram, server.ListenAddresses[0].ToIPEndPoint(), TestContext.CancellationToken);
        }

        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.AreEqual("RESPONSE OK", await AskAsync(client, server, "REQUEST 4 f 1 127.0.0.1"));
        Assert.AreEqual("RESPONSE f 1 127.0.0.1 6881|", await AskAsync(client, server, "REQUEST 1 f"));
    }

    [TestMethod]
    public async Task StartAsync_AnyNonsense_GetsAnErrorNotSilence()
    {
        await using TrackerServer server = await StartAsync();
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (byte[] nonsense in (byte[][])[[0], [0x40, 0, 0, 0], [0x41, .. new byte[30]], [.. "hello"u8], [.. "REQUEST"u8]])
        {
            await client.SendAsync(nonsense, server.ListenAddresses[0].ToIPEndPoint(), TestContext.CancellationToken);
            StringAssert.StartsWith(await ReceiveAsync(client), "ERROR 400");
        }
    }

    [TestMethod]
    public async Task StartAsync_SeveralSockets_ShareOneRegistry()
    {
        await using TrackerServer server = await StartAsync(AnyPort, AnyPort);
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.AreEqual("RESPONSE OK", await AskAsync(client, server, "REQUEST 4 f 1 127.0.0.1"));
        Assert.AreEqual("RESPONSE f", await AskAsync(client, server, "REQUEST 6", socket: 1));
    }

    [TestMethod]
    public async Task StartAsync_Stun_IsAnsweredOnItsPortAndOnTheTrackers()
    {
        var options = new TrackerOptions { Listen = { AnyPort }, Stun = { AnyPort } };
        await using TrackerServer server = await TrackerServer.StartAsync(options, TestContext.CancellationToken);
        foreach (TransportAddress address in server.ListenAddresses.Concat(server.StunAddresses))
        {
            using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            byte[] binding = [0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xA4, 0x42, .. new byte[12]];
            await client.SendAsync(binding, address.ToIPEndPoint(), TestContext.CancellationToken);
            UdpReceiveResult reply = await client.ReceiveAsync(TestContext.CancellationToken).AsTask().WaitAsync(Patience, TestContext.CancellationToken);
            CollectionAssert.AreEqual(new byte[] { 0x01, 0x01 }, reply.Buffer[..2]);
        }
    }

    [TestMethod]
    public async Task StartAsync_StunOnTwoAddresses_ServesTheTestsOfNatBehaviour()
    {
        var options = new TrackerOptions
        {
            Listen = { AnyPort },
            Stun = { new TransportAddress(IPAddress.Parse("127.0.0.1"), 0), new TransportAddress(IPAddress.Parse("127.0.0.2"), 0) },
        };
        await using TrackerServer server = await TrackerServer.StartAsync(options, TestContext.CancellationToken);
        Assert.HasCount(4, server.StunAddresses.Distinct().ToArray());
        await using StunClient client = StunClient.Bind(new TransportAddress(IPAddress.Loopback, 0));

        NatBehavior found = await client.DiscoverNatAsync([server.StunAddresses[0]], TestContext.CancellationToken);

        Assert.AreEqual((NatMapping.None, NatFiltering.EndpointIndependent), (found.Mapping, found.Filtering));
        Assert.AreEqual(server.StunAddresses[3], found.OtherAddress);
    }

    [TestMethod]
    public async Task StartAsync_PortTaken_SaysSo()
    {
        await using TrackerServer first = await StartAsync();
        TrackerException e = await Assert.ThrowsExactlyAsync<TrackerException>(() => StartAsync(first.ListenAddresses[0]));
        Assert.AreEqual(TrackerErrorReason.PortInUse, e.Reason);
        StringAssert.Contains(e.Message, "--listen");
    }

    [TestMethod]
    public async Task StartAsync_ForeignAddress_SaysSo()
    {
        TrackerException e = await Assert.ThrowsExactlyAsync<TrackerException>(() => StartAsync(new TransportAddress(IPAddress.Parse("192.0.2.77"), 0)));
        Assert.AreEqual(TrackerErrorReason.AddressUnavailable, e.Reason);
    }

    [TestMethod]
    public void Explain_NoPrivileges_TellsWhatHelps()
    {
        TrackerException e = BindErrors.Explain(new SocketException((int)SocketError.AccessDenied), new TransportAddress(IPAddress.Any, 80), "--listen");
        Assert.AreEqual(TrackerErrorReason.PermissionDenied, e.Reason);
        foreach (string help in (string[])["--listen", "ip_unprivileged_port_start=80", "setcap"]) StringAssert.Contains(e.Message, help);
    }

    [TestMethod]
    public async Task StartAsync_OptionOutOfRange_Throws()
    {
        var options = new TrackerOptions { DefaultLease = TimeSpan.FromSeconds(1), MaxFiles = 0 };
        ArgumentException e = await Assert.ThrowsExactlyAsync<ArgumentException>(() => TrackerServer.StartAsync(options));
        StringAssert.Contains(e.Message, "DefaultLease");
        StringAssert.Contains(e.Message, "MaxFiles");
    }

    [TestMethod]
    public async Task DisposeAsync_Server_FreesThePortAndMayBeRepeated()
    {
        TrackerServer first = await StartAsync();
        await first.DisposeAsync();
        await first.DisposeAsync();
        await using TrackerServer second = await StartAsync(first.ListenAddresses[0]);
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.AreEqual("RESPONSE ", await AskAsync(client, second, "REQUEST 6"));
    }

    [TestMethod]
    public async Task Meter_Requests_AreCounted()
    {
        await using TrackerServer server = await StartAsync();
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await AskAsync(client, server, "REQUEST 6");
        long requests = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (instrument.Name == "cs3103p2p.tracker.requests") all.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => requests += value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.IsGreaterThanOrEqualTo(1L, requests);
    }

    private static Task<TrackerServer> StartAsync(params TransportAddress[] addresses)
    {
        var options = new TrackerOptions();
        foreach (TransportAddress address in addresses.DefaultIfEmpty(AnyPort)) options.Listen.Add(address);
        return TrackerServer.StartAsync(options);
    }

    private async Task<string> AskAsync(UdpClient client, TrackerServer server, string request, int socket = 0)
    {
        await client.SendAsync(Encoding.UTF8.GetBytes(request), server.ListenAddresses[socket].ToIPEndPoint(), TestContext.CancellationToken);
        return await ReceiveAsync(client);
    }

    private async Task<string> ReceiveAsync(UdpClient client)
    {
        UdpReceiveResult reply = await client.ReceiveAsync(TestContext.CancellationToken).AsTask().WaitAsync(Patience, TestContext.CancellationToken);
        return Encoding.UTF8.GetString(reply.Buffer);
    }
}
