using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>Who gave how many good bytes to a download. Thread-safe.</summary>
internal sealed class Contributions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(PeerId? Peer, TransportAddress Address, string Transport), long> _bytes = [];

    /// <summary>Bytes in all.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>How the last of them came; null before the first.</summary>
    public string? LastTransport { get; private set; }

    public void Add(PeerConnection connection, int bytes)
    {
        (TransportAddress address, string transport) = connection.Way;
        Add(connection.RemoteId, address, transport, bytes);
    }

    public void Add(PeerId? peer, TransportAddress address, string transport, int bytes)
    {
        lock (_gate)
        {
            TotalBytes += bytes;
            LastTransport = transport;
            var key = (peer, address, transport);
            _bytes[key] = _bytes.GetValueOrDefault(key) + bytes;
        }
    }

    public IReadOnlyList<DownloadPeer> ToList()
    {
        lock (_gate)
        {
            return [.. _bytes.Select(entry => new DownloadPeer(entry.Key.Peer, entry.Key.Address, entry.Key.Transport, entry.Value))
                .OrderByDescending(peer => peer.VerifiedBytes)];
        }
    }
}
