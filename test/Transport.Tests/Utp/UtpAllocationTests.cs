using CS3103P2P.Protocol;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpAllocationTests
{
    private static readonly TransportAddress Client = UtpPair.ClientAddress;
    private static readonly TransportAddress Server = UtpPair.ServerAddress;

    private readonly byte[] _buffer = new byte[65_536];
    private readonly byte[] _sink = new byte[65_536];
    private readonly UtpMachine _client = new(new UtpOptions(), new Random(1));
    private readonly UtpMachine _server = new(new UtpOptions(), new Random(2));
    private MonotonicTime _now = new(1_000_000);
    private int _packets;

    [TestMethod]
    [DataRow(0)]
    [DataRow(50)]
    public void SteadyTransfer_AllocatesNothingPerPacket(int dropOneIn)
    {
        UtpConnection from = _client.Connect(_now, Server)!;
        UtpConnection? to = null;
        while (to is null)
        {
            Exchange(0);
            if (_server.PollAccept(out UtpConnection accepted)) to = accepted;
        }

        Move(from, to, 40_000_000, dropOneIn);
        int packetsBefore = _packets;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Move(from, to, 40_000_000, dropOneIn);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsGreaterThan(25_000, _packets - packetsBefore);
        Assert.IsLessThan(_packets - packetsBefore, allocated, "Less than a byte a packet.");
    }

    private void Move(UtpConnection from, UtpConnection to, int bytes, int dropOneIn)
    {
        for (int read = 0; read < bytes;)
        {
            from.Outgoing.Write(_sink);
            _client.Touch(from);
            Exchange(dropOneIn);
            while (to.Incoming.Read(_sink) is int count and > 0) read += count;
            to.HandleRead();
            _server.Touch(to);
            while (_client.PollEvent(out _, out _) || _server.PollEvent(out _, out _))
            {
                // Nobody waits.
            }

            _now += TimeSpan.FromMilliseconds(5);
        }
    }

    private void Exchange(int dropOneIn)
    {
        _client.HandleTimeout(_now);
        _server.HandleTimeout(_now);
        Pass(_client, _server, Client, dropOneIn);
        Pass(_server, _client, Server, 0);
        Pass(_client, _server, Client, 0);
    }

    private void Pass(UtpMachine from, UtpMachine to, TransportAddress source, int dropOneIn)
    {
        while (from.PollTransmit(_now, _buffer, out Transmit transmit))
        {
            for (int at = 0; at < transmit.TotalBytes; at += transmit.SegmentBytes)
            {
                _packets++;
                if (dropOneIn > 0 && _packets % dropOneIn == 0) continue;
                to.HandleDatagram(_now, source, _buffer.AsSpan(at, Math.Min(transmit.SegmentBytes, transmit.TotalBytes - at)));
            }
        }
    }
}
