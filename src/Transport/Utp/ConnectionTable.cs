using System.Diagnostics.CodeAnalysis;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Utp;

/// <summary>Finds connections by the peer's address and the connection id on which this side receives.</summary>
internal sealed class ConnectionTable
{
    /// <summary>Most addresses from which one connection takes packets; the oldest goes first.</summary>
    public const int MaxAddressesPerConnection = 8;

    private readonly Dictionary<Key, UtpConnection> _connections = [];
    private readonly Dictionary<UtpConnection, List<TransportAddress>> _moved = [];
    private Key _lastKey;
    private UtpConnection? _last;

    public int Count { get; private set; }

    /// <summary>All connections; one that has moved comes once for each of its addresses.</summary>
    public IEnumerable<UtpConnection> All => _connections.Values;

    public bool Contains(TransportAddress address, ushort id) => _connections.ContainsKey(new Key(address, id));

    public UtpConnection? Find(TransportAddress address, ushort id)
    {
        var key = new Key(address, id);
        // Packets come in runs of one connection.
        if (_last is not null && key == _lastKey) return _last;
        if (!_connections.TryGetValue(key, out UtpConnection? connection)) return null;
        _lastKey = key;
        _last = connection;
        return connection;
    }

    /// <summary>A reset carries the id on which its sender, or its receiver, listens.</summary>
    public UtpConnection? FindForReset(TransportAddress address, ushort id)
    {
        if (TryFind(address, id, out UtpConnection? connection)) return connection;
        if (TryFind(address, SequenceNumber.Add(id, -1), out connection) && connection.SendId == id) return connection;
        return TryFind(address, SequenceNumber.Add(id, 1), out connection) && connection.SendId == id ? connection : null;
    }

    public void Add(UtpConnection connection)
    {
        _connections.Add(new Key(connection.RemoteAddress, connection.ReceiveId), connection);
        Count++;
    }

    public void Remove(UtpConnection connection)
    {
        if (ReferenceEquals(_last, connection)) _last = null;
        if (_moved.Remove(connection, out List<TransportAddress>? addresses))
        {
            foreach (TransportAddress address in addresses) _connections.Remove(new Key(address, connection.ReceiveId));
            Count--;
        }
        else if (TryFind(connection.RemoteAddress, connection.ReceiveId, out UtpConnection? known) && ReferenceEquals(known, connection))
        {
            _connections.Remove(new Key(connection.RemoteAddress, connection.ReceiveId));
            Count--;
        }
    }

    /// <summary>Adds an address from which the connection takes packets; false when another connection is found there.</summary>
    public bool TryAddAddress(UtpConnection connection, TransportAddress address)
    {
        if (TryFind(address, connection.ReceiveId, out UtpConnection? known) && !ReferenceEquals(known, connection)) return false;
        if (!_moved.TryGetValue(connection, out List<TransportAddress>? addresses))
        {
            addresses = [connection.RemoteAddress];
            _moved.Add(connection, addresses);
        }

        addresses.Remove(address);
        if (addresses.Count == MaxAddressesPerConnection)
        {
            _connections.Remove(new Key(addresses[0], connection.ReceiveId));
            addresses.RemoveAt(0);
            _last = null;
        }

        addresses.Add(address);
        _connections[new Key(address, connection.ReceiveId)] = connection;
        return true;
    }

    private bool TryFind(TransportAddress address, ushort id, [NotNullWhen(true)] out UtpConnection? connection) =>
        _connections.TryGetValue(new Key(address, id), out connection);

    private readonly record struct Key(TransportAddress Address, ushort Id);
}
