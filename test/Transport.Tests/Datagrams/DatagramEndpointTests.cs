using System.Net;
using System.Net.Sockets;
using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class DatagramEndpointTests
{
    private static readonly byte[] Hello = Encoding.ASCII.GetBytes("REQUEST 6");

    [TestMethod]
    [DataRow(false, "127.0.0.1")]
    [DataRow(false, "::1")]
    [DataRow(true, "127.0.0.1")]
    [DataRow(true, "::1")]
    public async Task Bind_AnyAddress_BothFamiliesReachItAndSourcesAreExact(bool portable, string loopback)
    {
        if (loopback.Contains(':') && !Socket.OSSupportsIPv6) Assert.Inconclusive("This machine has no IPv6.");
        await using DatagramEndpoint server = TestEndpoints.Bind(portable, IPAddress.IPv6Any);
        await using DatagramEndpoint client = TestEndpoints.Bind(portable, IPAddress.Parse(loopback));
        var echo = new TestMachine();
        var echoing = new TestMachine { OnDatagram = (_, from, bytes) => echo.Outbox.Enqueue((from, bytes, bytes.Length)) };
        server.Attach(DatagramKind.Tracker, echoing);
        server.Attach(DatagramKind.Foreign, echo);
        var asking = new TestMachine();
        client.Attach(DatagramKind.Tracker, asking);

        await client.SendAsync(asking, client.LocalAddress.WithPort(server.LocalAddress.Port), Hello);

        CollectionAssert.AreEqual(Hello, await asking.First.Soon());
        Assert.AreEqual(client.LocalAddress, echoing.Inbox.First().From);
        Assert.AreEqual(client.LocalAddress.WithPort(server.LocalAddress.Port), asking.Inbox.First().From);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Receive_KindWithoutMachine_CountedAndDropped(bool portable)
    {
        await using DatagramEndpoint server = TestEndpoints.Bind(portable);
        await using DatagramEndpoint client = TestEndpoints.Bind(portable);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Stun, sender);
        await client.SendAsync(sender, server.LocalAddress, [0xFF, 1, 2]);
        await server.UntilAsync(() => server.GetStatistics().ForeignDropped == 1, "the foreign datagram is counted");

        var foreign = new TestMachine();
        server.Attach(DatagramKind.Foreign, foreign);
        await client.SendAsync(sender, server.LocalAddress, [0xFF, 3]);
        CollectionAssert.AreEqual(new byte[] { 0xFF, 3 }, await foreign.First.Soon());
        Assert.AreEqual(1, server.GetStatistics().ForeignDropped);
        Assert.AreEqual(2, server.GetStatistics().DatagramsReceived);
        Assert.AreEqual(5, server.GetStatistics().BytesReceived);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Send_NobodyListens_TheLoopGoesOn(bool portable)
    {
        await using DatagramEndpoint client = TestEndpoints.Bind(portable);
        TransportAddress gone;
        await using (DatagramEndpoint closed = TestEndpoints.Bind(portable)) gone = closed.LocalAddress;
        await using DatagramEndpoint server = TestEndpoints.Bind(portable);
        var receiver = new TestMachine();
        server.Attach(DatagramKind.Tracker, receiver);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Tracker, sender);

        for (int i = 0; i < 20; i++) await client.SendAsync(sender, gone, Hello);
        await client.SendAsync(sender, server.LocalAddress, Hello);

        CollectionAssert.AreEqual(Hello, await receiver.First.Soon());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Send_TooLongOrWrongFamily_DroppedAndTheNextGoesOut(bool portable)
    {
        await using DatagramEndpoint client = TestEndpoints.Bind(portable);
        await using DatagramEndpoint server = TestEndpoints.Bind(portable);
        var receiver = new TestMachine();
        server.Attach(DatagramKind.Tracker, receiver);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Tracker, sender);

        await client.SendAsync(sender, new TransportAddress(IPAddress.Parse("2001:db8::1"), 9), Hello);
        await client.SendAsync(sender, new TransportAddress(IPAddress.Broadcast, 9), Hello);
        await client.SendAsync(sender, server.LocalAddress, Hello);

        CollectionAssert.AreEqual(Hello, await receiver.First.Soon());
        await client.UntilAsync(() => client.GetStatistics() is { SendsDropped: 2, DatagramsSent: 1 }, "two drops and one send");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Deadline_Due_HandleTimeoutRunsNotBefore(bool portable)
    {
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable);
        var fired = new TaskCompletionSource<MonotonicTime>(TaskCreationOptions.RunContinuationsAsynchronously);
        MonotonicTime due = endpoint.Clock.Now + TimeSpan.FromMilliseconds(30);
        endpoint.Attach(DatagramKind.Utp, new TestMachine { Deadline = due, OnTimeout = now => fired.TrySetResult(now) });

        MonotonicTime now = await fired.Task.Soon();

        Assert.IsTrue(now >= due, $"{now} < {due}");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Wake_Asleep_MachinesAreDrainedAgain(bool portable)
    {
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable);
        int polls = 0;
        endpoint.Attach(DatagramKind.Utp, new TestMachine { OnPoll = () => Interlocked.Increment(ref polls) });
        for (int i = 0; i < 100; i++)
        {
            int before = Volatile.Read(ref polls);
            endpoint.Wake();
            await Task.Run(() => Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref polls) > before, TestDeadline.Limit))).Soon();
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Machine_Throws_ItAloneIsTakenOffAndItsOwnerTold(bool portable)
    {
        var log = new ListLogger();
        await using DatagramEndpoint server = TestEndpoints.Bind(portable, logger: log);
        await using DatagramEndpoint client = TestEndpoints.Bind(portable);
        var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bug = new InvalidOperationException("a bug");
        server.Attach(DatagramKind.Tracker, new TestMachine { OnDatagram = (_, _, _) => throw bug }, told.SetResult);
        var healthy = new TestMachine();
        server.Attach(DatagramKind.Foreign, healthy);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Tracker, sender);

        await client.SendAsync(sender, server.LocalAddress, Hello);
        Assert.AreSame(bug, await told.Task.Soon());
        await client.SendAsync(sender, server.LocalAddress, [0xFF]);
        await healthy.First.Soon();

        Assert.AreEqual(1, server.GetStatistics().MachinesFailed);
        Assert.IsTrue(log.Errors.Any(e => e.Exception == bug), "the failure is not in the log");
        server.Attach(DatagramKind.Tracker, new TestMachine());
    }

    [TestMethod]
    public async Task Machine_ThrowsInTimerOrPollOrImpossibleTransmit_TakenOff()
    {
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable: false);
        var impossible = new TestMachine();
        impossible.Outbox.Enqueue((endpoint.LocalAddress, [], 0));
        TestMachine[] broken =
        [
            new TestMachine { Deadline = endpoint.Clock.Now, OnTimeout = _ => throw new InvalidOperationException("timer") },
            new TestMachine { OnPoll = () => throw new InvalidOperationException("poll") },
            impossible,
        ];
        foreach (TestMachine machine in broken)
        {
            var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
            endpoint.Attach(DatagramKind.Utp, machine, told.SetResult);
            Assert.IsInstanceOfType<InvalidOperationException>(await told.Task.Soon());
        }
    }

    [TestMethod]
    public async Task Attach_KindTaken_InvalidOperationUntilDetached()
    {
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable: false);
        endpoint.Attach(DatagramKind.Utp, new TestMachine());
        Assert.ThrowsExactly<InvalidOperationException>(() => endpoint.Attach(DatagramKind.Utp, new TestMachine()));
        endpoint.Detach(DatagramKind.Utp);
        endpoint.Attach(DatagramKind.Utp, new TestMachine());
    }

    [TestMethod]
    public async Task Bind_PortTaken_SocketException()
    {
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable: false);
        Assert.ThrowsExactly<SocketException>(() => DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = endpoint.LocalAddress }));
    }
}
