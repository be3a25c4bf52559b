using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Transport.Tests;

/// <summary>A machine that answers at once: its replies leave with the batch that asked for them.</summary>
[TestClass]
public sealed class DatagramResponderTests
{
    private const byte Silent = 0xFE;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Respond_SeveralSenders_EachGetsItsOwnReplies(bool portable)
    {
        const int Senders = 5, Requests = 40;
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable);
        endpoint.Attach(DatagramKind.Foreign, new Responder());
        UdpClient[] clients = [.. Enumerable.Range(0, Senders).Select(_ => new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)))];
        IPEndPoint server = endpoint.LocalAddress.ToIPEndPoint();
        for (byte request = 0; request < Requests; request++)
        {
            for (byte sender = 0; sender < Senders; sender++) await clients[sender].SendAsync(new byte[] { request % 7 == 0 ? Silent : (byte)0xFF, sender, request }, server);
        }

        for (byte sender = 0; sender < Senders; sender++)
        {
            for (byte request = 0; request < Requests; request++)
            {
                if (request % 7 == 0) continue;
                UdpReceiveResult reply = await clients[sender].ReceiveAsync().Soon();
                CollectionAssert.AreEqual(new byte[] { 0xFF, sender, request }, reply.Buffer, $"sender {sender}, request {request}");
            }

            clients[sender].Dispose();
        }

        DatagramStatistics seen = endpoint.GetStatistics();
        Assert.AreEqual(Senders * Requests, seen.DatagramsReceived);
        Assert.AreEqual(0, seen.SendsDropped);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Respond_RepliesAsLongAsADatagram_AllArrive(bool portable)
    {
        const int Requests = 5, Length = 60_000;
        await using DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions
        {
            LocalAddress = TransportAddress.FromIPv4(0x7F000001, 0), ForcePortableIo = portable, AllowFragments = true,
        });
        endpoint.Attach(DatagramKind.Foreign, new Responder { ReplyBytes = Length });
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        client.Client.ReceiveBufferSize = 4 * Requests * Length;
        for (byte request = 0; request < Requests; request++) await client.SendAsync(new byte[] { 0xFF, request }, endpoint.LocalAddress.ToIPEndPoint());
        for (byte request = 0; request < Requests; request++)
        {
            byte[] reply = (await client.ReceiveAsync().Soon()).Buffer;
            Assert.HasCount(Length, reply);
            Assert.AreEqual(request, reply[1]);
        }
    }

    [TestMethod]
    public async Task Respond_KernelBufferFull_RequestsGoToTheQueueAndNoReplyIsLost()
    {
        var source = TransportAddress.FromIPv4(0x7F000001, 9);
        var socket = new FakeDatagramSocket();
        await using DatagramEndpoint endpoint = DatagramEndpoint.Start(socket, TimeProvider.System, NullLogger.Instance);
        var responder = new Responder();
        endpoint.Attach(DatagramKind.Foreign, responder);
        await endpoint.UntilAsync(() => responder.Polls > 0, "the machine is known to the loop");
        await endpoint.InvokeAsync(() =>
        {
            for (byte request = 1; request <= 3; request++) endpoint.Deliver(source, [0xFF, request]);
        }).Soon();
        socket.Free(3);
        await endpoint.UntilAsync(() => socket.Sent.Count == 3, "all replies");
        Assert.AreEqual("FF01|FF02|FF03", await endpoint.InvokeAsync(() => string.Join('|', socket.Sent.Select(Convert.ToHexString))).Soon());
    }

    [TestMethod]
    public void ReplyBatch_OneIsRefused_TheOthersGo()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("There is no sendmmsg here.");
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var good = new TransportAddress((IPEndPoint)receiver.Client.LocalEndPoint!);
        var batch = new LinuxReplyBatch((int)sender.Handle, AddressFamily.InterNetwork);
        var counters = new DatagramCounters();
        foreach ((TransportAddress to, byte mark) in new[] { (good, (byte)1), (good.WithPort(0), (byte)2), (good, (byte)3) })
        {
            batch.Space[0] = mark;
            Assert.IsTrue(batch.TryAdd(to, 1));
        }

        Assert.IsFalse(batch.TryAdd(new TransportAddress(IPAddress.IPv6Loopback, 1), 1), "an IPv4 socket reaches no IPv6 address");
        batch.Flush(counters);
        IPEndPoint? from = null;
        Assert.AreEqual(1, receiver.Receive(ref from)[0]);
        Assert.AreEqual(3, receiver.Receive(ref from)[0]);
        Assert.AreEqual(2, counters.Read().DatagramsSent);
        Assert.AreEqual(1, counters.Read().SendsDropped);
        Assert.IsFalse(batch.IsBlocked);
    }

    /// <summary>Sends back what came, unless that wants silence; longer when told so.</summary>
    private sealed class Responder : IDatagramResponder
    {
        private readonly DatagramQueue _queue = new(1 << 20, 64);

        public int ReplyBytes { get; init; }

        public int Polls { get; private set; }

        public MonotonicTime? Deadline => null;

        public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram) => _queue.TryEnqueue(source, datagram);

        public int Respond(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram, Span<byte> reply)
        {
            if (datagram[0] == Silent) return 0;
            datagram.CopyTo(reply);
            return Math.Max(datagram.Length, ReplyBytes);
        }

        public void HandleTimeout(MonotonicTime now)
        {
        }

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            Polls++;
            return _queue.TryDequeue(buffer, out transmit);
        }
    }
}
