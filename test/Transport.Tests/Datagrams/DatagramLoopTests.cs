using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class DatagramLoopTests
{
    private static readonly TransportAddress Remote = TransportAddress.FromIPv4(0x7F000001, 9);

    [TestMethod]
    public async Task Send_KernelBufferFull_TheRestOfTheRunWaitsAndNothingIsLostOrReordered()
    {
        var socket = new FakeDatagramSocket();
        await using DatagramEndpoint endpoint = DatagramEndpoint.Start(socket, TimeProvider.System, NullLogger.Instance);
        var machine = new TestMachine();
        endpoint.Attach(DatagramKind.Utp, machine);
        await endpoint.InvokeAsync(() =>
        {
            machine.Outbox.Enqueue((Remote, [1, 1, 2, 2, 3], 2));
            machine.Outbox.Enqueue((Remote, [4], 1));
        }).Soon();

        await endpoint.UntilAsync(() => machine.Outbox.Count == 1, "the run is taken from the machine");
        socket.Free(1);
        await endpoint.UntilAsync(() => socket.Sent.Count == 1, "the first of the run");
        Assert.AreEqual(1, await endpoint.InvokeAsync(() => machine.Outbox.Count).Soon(), "a blocked loop must not ask for more");
        socket.Free(3);
        await endpoint.UntilAsync(() => socket.Sent.Count == 4, "the rest");

        string sent = await endpoint.InvokeAsync(() => string.Join('|', socket.Sent.Select(Convert.ToHexString))).Soon();
        Assert.AreEqual("0101|0202|03|04", sent);
        Assert.IsGreaterThan(0L, socket.WritableWaits);
        await endpoint.UntilAsync(() => endpoint.GetStatistics() is { DatagramsSent: 4, BytesSent: 6, SendsDropped: 0 }, "the counters");
    }

    [TestMethod]
    public async Task Send_BlockedAndAMachineAlwaysDue_TheLoopDoesNotSpin()
    {
        var socket = new FakeDatagramSocket();
        await using DatagramEndpoint endpoint = DatagramEndpoint.Start(socket, TimeProvider.System, NullLogger.Instance);
        int timeouts = 0;
        TestMachine? machine = null;
        machine = new TestMachine
        {
            Deadline = endpoint.Clock.Now,
            OnTimeout = now =>
            {
                timeouts++;
                machine!.Deadline = now;
            },
        };
        machine.Outbox.Enqueue((Remote, [1], 1));
        MonotonicTime start = endpoint.Clock.Now;
        endpoint.Attach(DatagramKind.Utp, machine);

        await endpoint.UntilAsync(() => endpoint.Clock.Now - start > TimeSpan.FromMilliseconds(50), "50 ms");
        await endpoint.InvokeAsync(() => machine.Deadline = null).Soon();

        Assert.IsGreaterThan(0L, socket.WritableWaits, $"{timeouts} timeouts");
    }
}
