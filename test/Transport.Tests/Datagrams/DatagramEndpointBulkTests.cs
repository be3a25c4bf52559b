using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class DatagramEndpointBulkTests
{
    private const int PayloadBytes = 1400;
    private const long OnceBytes = 4096;   // what the runtime may make once while code warms up: nothing next to 90,000 datagrams

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(false, "127.0.0.1", 46)]
    [DataRow(false, "127.0.0.1", 1)]
    [DataRow(false, "::1", 46)]
    [DataRow(true, "127.0.0.1", 46)]
    [DataRow(true, "::1", 1)]
    public async Task Bulk_100kDatagrams_AllArriveWholeAndNoneAllocates(bool portable, string loopback, int maxRun)
    {
        const int Total = 100_000;
        if (loopback.Contains(':') && !Socket.OSSupportsIPv6) Assert.Inconclusive("This machine has no IPv6.");
        IPAddress address = IPAddress.Parse(loopback);
        await using DatagramEndpoint receiving = TestEndpoints.Bind(portable, address);
        await using DatagramEndpoint sending = TestEndpoints.Bind(portable, address);
        var receiver = new BulkReceiver(Total, PayloadBytes);
        receiving.Attach(DatagramKind.Utp, receiver);
        long start = TimeProvider.System.GetTimestamp();
        sending.Attach(DatagramKind.Utp, new BulkSender(receiving.LocalAddress, Total, PayloadBytes, maxRun));

        await receiver.Done.WaitAsync(TimeSpan.FromSeconds(60));

        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        TestContext.WriteLine($"{Total / seconds:F0} datagrams/s, {Total / seconds * PayloadBytes / 1e6:F0} MB/s");
        Assert.AreEqual(0, receiver.Wrong);
        Assert.AreEqual(Total, receiver.Received);
        Assert.IsTrue(receiving.GetStatistics().DatagramsReceived >= Total, "all that came are counted");
        Assert.IsTrue(receiver.Astray < Total / 10, $"{receiver.Astray} datagrams went astray");
        long allocated = receiver.Allocated.Late - receiver.Allocated.Early;
        Assert.IsTrue(allocated < OnceBytes, $"the loop allocated {allocated} bytes for {Total * 0.9} datagrams");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Transmit_RunWithShorterLast_ArrivesAsTheSameDatagrams(bool portable)
    {
        await using DatagramEndpoint server = TestEndpoints.Bind(portable);
        await using DatagramEndpoint client = TestEndpoints.Bind(portable);
        var receiver = new TestMachine();
        server.Attach(DatagramKind.Foreign, receiver);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Foreign, sender);
        byte[] run = new byte[(5 * 1000) + 333];
        for (int i = 0; i < run.Length; i++) run[i] = (byte)(0x80 | (i / 1000));

        await client.SendAsync(sender, server.LocalAddress, run, segment: 1000);
        await server.UntilAsync(() => receiver.Inbox.Count == 6, "six datagrams");

        int[] lengths = receiver.Inbox.Select(d => d.Bytes.Length).ToArray();
        CollectionAssert.AreEqual(new[] { 1000, 1000, 1000, 1000, 1000, 333 }, lengths);
        Assert.IsTrue(receiver.Inbox.Select((d, i) => d.Bytes.All(b => b == (0x80 | i))).All(good => good));
        await client.UntilAsync(() => client.GetStatistics().DatagramsSent == 6, "six are counted");
    }

    [TestMethod]
    [DataRow(false, 300, 200)]
    [DataRow(false, 1, 300)]
    [DataRow(false, 20_000, 3)]
    [DataRow(true, 300, 200)]
    public async Task Transmit_MoreThanTheKernelTakesInOneRun_SplitAndAllArrive(bool portable, int segment, int count)
    {
        await using DatagramEndpoint server = TestEndpoints.Bind(portable);
        await using DatagramEndpoint client = TestEndpoints.Bind(portable);
        var receiver = new TestMachine();
        server.Attach(DatagramKind.Foreign, receiver);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Foreign, sender);
        byte[] run = new byte[segment * count];
        run.AsSpan().Fill(0xFF);

        await client.SendAsync(sender, server.LocalAddress, run, segment);
        await server.UntilAsync(() => receiver.Inbox.Count == count, $"{count} datagrams");

        Assert.IsTrue(receiver.Inbox.All(d => d.Bytes.Length == segment));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Transmit_RunThatTheSystemRefuses_EveryDatagramCountsAsLostAndRunsGoOn(bool portable)
    {
        await using DatagramEndpoint server = TestEndpoints.Bind(portable);
        await using DatagramEndpoint client = TestEndpoints.Bind(portable);
        var receiver = new TestMachine();
        server.Attach(DatagramKind.Foreign, receiver);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Foreign, sender);
        byte[] run = new byte[5000];
        run.AsSpan().Fill(0xFF);

        await client.SendAsync(sender, new TransportAddress(IPAddress.Broadcast, 9), run, segment: 1000);
        await client.SendAsync(sender, server.LocalAddress, run, segment: 1000);

        await server.UntilAsync(() => receiver.Inbox.Count == 5, "the second run");
        await client.UntilAsync(() => client.GetStatistics() is { SendsDropped: 5, DatagramsSent: 5 }, "five lost, five sent");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Machine_AlwaysHasMore_OthersAndPostedWorkStillRun(bool portable)
    {
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable);
        await using DatagramEndpoint sink = TestEndpoints.Bind(portable);
        endpoint.Attach(DatagramKind.Utp, new Endless(sink.LocalAddress));
        var fired = new TaskCompletionSource<MonotonicTime>(TaskCreationOptions.RunContinuationsAsynchronously);
        endpoint.Attach(DatagramKind.Stun, new TestMachine { Deadline = endpoint.Clock.Now, OnTimeout = now => fired.TrySetResult(now) });

        await fired.Task.Soon();
        Assert.AreEqual(3, await endpoint.InvokeAsync(() => 3).Soon());
    }

    /// <summary>Has a datagram to send whenever it is asked.</summary>
    private sealed class Endless(TransportAddress to) : IDatagramMachine
    {
        public MonotonicTime? Deadline => null;

        public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
        {
        }

        public void HandleTimeout(MonotonicTime now)
        {
        }

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            buffer[0] = 0xFF;
            transmit = new Transmit(to, 1);
            return true;
        }
    }
}
