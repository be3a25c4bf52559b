using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Utp;

/// <summary>
/// All uTP connections of one socket (BEP 29), without I/O: finds the connection of each packet by sender and connection id, opens
/// new ones up to a backlog, lets those that have something to send take turns. After each input: take the events with
/// <see cref="PollEvent"/>, drain <see cref="PollTransmit"/>, sleep until <see cref="Deadline"/>.
/// </summary>
internal sealed class UtpMachine : IDatagramMachine
{
    private const int MaxIdTries = 64;

    private readonly UtpOptions _options;
    private readonly Random _random;
    private readonly BlockPool _pool = new();
    private readonly StreamBlockPool _streamBlocks = new();
    private readonly ConnectionTable _table = new();
    private readonly DeadlineQueue _deadlines = new();
    private readonly ResetQueue _resets = new();
    private readonly Queue<UtpConnection> _ready = new();
    private readonly Queue<UtpConnection> _eventful = new();
    private readonly Queue<UtpConnection> _acceptable = new();
    private int _halfOpen;

    /// <param name="options">Settings, which are checked.</param>
    /// <param name="random">Chooses connection ids and first sequence numbers.</param>
    public UtpMachine(UtpOptions options, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _random = random;
    }

    /// <inheritdoc/>
    public MonotonicTime? Deadline => _deadlines.Earliest == MonotonicTime.Never ? null : _deadlines.Earliest;

    /// <summary>Connections, those that still close included.</summary>
    public int ConnectionCount => _table.Count;

    /// <summary>Whether SYNs are answered. Default: yes.</summary>
    public bool IsListening { get; set; } = true;

    /// <summary>Finds the lasting address of a sender, as <see cref="IDatagramPaths"/> gives it; null when there is none.</summary>
    public Func<TransportAddress, TransportAddress?>? LastingAddress { get; set; }

    /// <summary>Whether a closed connection still delivers what was written to it.</summary>
    public bool IsDelivering
    {
        get
        {
            foreach (UtpConnection connection in _table.All)
            {
                if (connection.IsDelivering) return true;
            }

            return false;
        }
    }

    /// <summary>Opens a connection; null when there are too many.</summary>
    public UtpConnection? Connect(MonotonicTime now, TransportAddress remote)
    {
        if (_table.Count >= _options.MaxConnections) return null;
        for (int i = 0; i < MaxIdTries; i++)
        {
            ushort id = NextRandom();
            if (_table.Contains(remote, id)) continue;
            var setup = new UtpConnectionSetup(_options, _pool, _streamBlocks, remote, true, id, SequenceNumber.Add(id, 1), NextRandom(), 0);
            return Add(new UtpConnection(setup, now));
        }

        return null;
    }

    /// <summary>Takes a connection that a peer opened; false when none waits.</summary>
    public bool PollAccept(out UtpConnection connection) => _acceptable.TryDequeue(out connection!);

    /// <summary>Takes a connection on which something happened; false when there is none.</summary>
    public bool PollEvent(out UtpConnection connection, out UtpEvents events)
    {
        events = UtpEvents.None;
        if (!_eventful.TryDequeue(out connection!)) return false;
        connection.HasQueuedEvents = false;
        events = connection.TakeEvents();
        return true;
    }

    /// <inheritdoc/>
    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (!UtpPacket.TryParse(datagram, out UtpPacket packet)) return;
        UtpHeader header = packet.Header;
        UtpConnection? connection = Find(source, header);
        if (connection is null && LastingAddress?.Invoke(source) is { } lasting)
        {
            source = lasting;
            connection = Find(source, header);
        }

        if (connection is not null)
        {
            UtpState before = connection.State;
            connection.HandlePacket(now, packet);
            if (before == UtpState.SynReceived) HandleHalfOpenChange(connection);
            Settle(connection);
        }
        else if (header.Type == UtpPacketType.Syn)
        {
            Open(now, source, header);
        }
        else if (header.Type != UtpPacketType.Reset)
        {
            _resets.Add(now, source, header);
        }
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        while (_deadlines.TryTakeDue(now, out UtpConnection connection))
        {
            UtpState before = connection.State;
            connection.HandleTimeout(now);
            if (before == UtpState.SynReceived) HandleHalfOpenChange(connection);
            Settle(connection);
        }
    }

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        while (_ready.TryDequeue(out UtpConnection? connection))
        {
            bool sent = connection.PollTransmit(now, buffer, out transmit);
            if (sent) _ready.Enqueue(connection);
            else connection.IsReadyToTransmit = false;
            if (connection.State != UtpState.Closed) _deadlines.Update(connection);
            if (sent) return true;
        }

        return _resets.PollTransmit(now, buffer, out transmit);
    }

    /// <summary>The user wrote to a connection, read from it, closed or aborted it: looks at it again.</summary>
    public void Touch(UtpConnection connection) => Settle(connection);

    /// <summary>Sends a connection's packets to another address from now on. Packets from addresses that it had before are still taken.</summary>
    /// <returns>False when another connection has that address and id, or the connection is closed.</returns>
    public bool Migrate(MonotonicTime now, UtpConnection connection, TransportAddress remote)
    {
        if (connection.State == UtpState.Closed || !_table.TryAddAddress(connection, remote)) return false;
        connection.MoveTo(now, remote);
        Settle(connection);
        return true;
    }

    /// <summary>The way to an address has changed under its connections: they send what is in flight again, and measure anew.</summary>
    public void HandlePathChange(MonotonicTime now, TransportAddress remote)
    {
        foreach (UtpConnection connection in GetConnections())
        {
            if (connection.RemoteAddress != remote || connection.State == UtpState.Closed) continue;
            connection.MoveTo(now, remote);
            Settle(connection);
        }
    }

    /// <summary>All connections at this moment.</summary>
    public UtpConnection[] GetConnections() => [.. _table.All];

    /// <summary>Ends all connections that were not closed by their user.</summary>
    public void AbortOpen(UtpCloseReason reason)
    {
        foreach (UtpConnection connection in GetConnections())
        {
            UtpState before = connection.State;
            if (!connection.IsClosing) connection.Abort(reason);
            if (before == UtpState.SynReceived) HandleHalfOpenChange(connection);
            Settle(connection);
        }
    }

    private UtpConnection? Find(TransportAddress source, in UtpHeader header) => header.Type switch
    {
        UtpPacketType.Syn => _table.Find(source, SequenceNumber.Add(header.ConnectionId, 1)),
        UtpPacketType.Reset => _table.FindForReset(source, header.ConnectionId),
        _ => _table.Find(source, header.ConnectionId),
    };

    private void Open(MonotonicTime now, TransportAddress source, in UtpHeader syn)
    {
        bool full = _halfOpen + _acceptable.Count >= _options.AcceptBacklog || _table.Count >= _options.MaxConnections;
        if (full || !IsListening) return;
        ushort receiveId = SequenceNumber.Add(syn.ConnectionId, 1);
        var setup = new UtpConnectionSetup(_options, _pool, _streamBlocks, source, false, receiveId, syn.ConnectionId, NextRandom(), syn.SequenceNumber);
        _halfOpen++;
        Add(new UtpConnection(setup, now));
    }

    private UtpConnection Add(UtpConnection connection)
    {
        _table.Add(connection);
        Settle(connection);
        return connection;
    }

    private void HandleHalfOpenChange(UtpConnection connection)
    {
        if (connection.State == UtpState.SynReceived) return;
        _halfOpen--;
        if (connection.State == UtpState.Connected) _acceptable.Enqueue(connection);
    }

    private void Settle(UtpConnection connection)
    {
        if (connection.State == UtpState.Closed)
        {
            _table.Remove(connection);
            _deadlines.Remove(connection);
        }
        else
        {
            _deadlines.Update(connection);
        }

        if (connection.HasEvents && !connection.HasQueuedEvents)
        {
            connection.HasQueuedEvents = true;
            _eventful.Enqueue(connection);
        }

        if (connection.IsReadyToTransmit) return;
        connection.IsReadyToTransmit = true;
        _ready.Enqueue(connection);
    }

    private ushort NextRandom() => (ushort)_random.Next(ushort.MaxValue + 1);
}
