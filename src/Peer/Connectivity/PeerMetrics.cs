using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>What a node measures, under the name <c>CS3103P2P.Peer</c>.</summary>
internal sealed class PeerMetrics : IDisposable
{
    private const string Name = "CS3103P2P.Peer";
    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _verified;
    private readonly Counter<long> _corrupt;
    private readonly UpDownCounter<int> _connections;

    public PeerMetrics()
    {
        _received = _meter.CreateCounter<long>("p2p.peer.data.received", "By", "Chunk data received from peers.");
        _sent = _meter.CreateCounter<long>("p2p.peer.data.sent", "By", "Chunk data sent to peers.");
        _verified = _meter.CreateCounter<long>("p2p.peer.chunks.verified", "{chunk}", "Chunks verified and written.");
        _corrupt = _meter.CreateCounter<long>("p2p.peer.chunks.corrupt", "{chunk}", "Chunks that did not match their hash.");
        _connections = _meter.CreateUpDownCounter<int>("p2p.peer.connections", "{connection}", "Open connections with peers.");
    }

    public ActivitySource Activities { get; } = new(Name);

    public void Received(long bytes) => _received.Add(bytes);

    public void Sent(long bytes) => _sent.Add(bytes);

    public void Verified() => _verified.Add(1);

    public void Corrupt() => _corrupt.Add(1);

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void Dispose()
    {
        _meter.Dispose();
        Activities.Dispose();
    }
}
