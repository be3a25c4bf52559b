using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun;

/// <summary>
/// A TURN server (RFC 8656) over UDP, TCP and TLS that also answers Binding requests. One lock stands for the loop that owns the machine: relayed
/// traffic comes in on many sockets.
/// </summary>
public sealed class TurnServer : IAsyncDisposable
{
    private const int OutputBytes = (64 << 10) + TurnServerMachine.MaxOverheadBytes;
    private static readonly TimeSpan ExpiryCheck = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly byte[] _output = new byte[OutputBytes];
    private readonly TurnServerMachine _machine;
    private readonly TurnRelayPorts _ports;
    private readonly MonotonicClock _clock;
    private readonly TurnUdpSocket _udp;
    private readonly List<TurnStreamListener> _listeners = [];
    private readonly ConcurrentDictionary<int, TurnServerConnection> _connections = new();
    private readonly ITimer _expiry;
    private readonly Func<TransportAddress, bool>? _admit;
    private int _lastConnection;
    private int _isDisposed;

    private TurnServer(TurnListenOptions options, TurnUdpSocket udp)
    {
        _udp = udp;
        _admit = options.Admit;
        _clock = new MonotonicClock(options.TimeProvider);
        _ports = new TurnRelayPorts(options, HandlePeer);
        byte[] nonceKey = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
        _machine = new TurnServerMachine(options.Policy, _ports, nonceKey, options.TimeProvider.GetUtcNow().ToUnixTimeSeconds());
        _expiry = options.TimeProvider.CreateTimer(_ => Expire(), null, ExpiryCheck, ExpiryCheck);
    }

    /// <summary>Where clients reach it by UDP and TCP.</summary>
    public TransportAddress LocalAddress => _udp.LocalAddress;

    /// <summary>Where clients reach it by TLS; null when they do not.</summary>
    public TransportAddress? TlsLocalAddress { get; private set; }

    /// <summary>How many allocations there are.</summary>
    public int AllocationCount
    {
        get
        {
            lock (_gate) return _machine.AllocationCount;
        }
    }

    /// <summary>Bytes relayed since the start, in both directions.</summary>
    public long RelayedBytes
    {
        get
        {
            lock (_gate) return _machine.RelayedBytes;
        }
    }

    /// <summary>Binds the sockets and starts to serve.</summary>
    /// <exception cref="SocketException">An address cannot be bound.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static TurnServer Start(TurnListenOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var server = new TurnServer(options, TurnUdpSocket.Bind(options.ListenAddress.ToIPEndPoint(), id: 0));
        try
        {
            server.Listen(options);
        }
        catch
        {
            server._udp.Close();
            server._expiry.Dispose();
            throw;
        }

        options.Logger.LogInformation("The relay listens at {Address}.", server.LocalAddress);
        return server;
    }

    /// <summary>Ends all allocations and closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        await _expiry.DisposeAsync().ConfigureAwait(false);
        foreach (TurnStreamListener listener in _listeners) await listener.DisposeAsync().ConfigureAwait(false);
        await _udp.DisposeAsync().ConfigureAwait(false);
        await _ports.DisposeAsync().ConfigureAwait(false);
    }

    // TCP takes the number that UDP got, so that one port serves both.
    private void Listen(TurnListenOptions options)
    {
        _listeners.Add(new TurnStreamListener(_udp.LocalAddress, null, options, NextConnection, RunConnectionAsync));
        if (options.TlsListenAddress is { } tls)
        {
            _listeners.Add(new TurnStreamListener(tls, options.Certificate, options, NextConnection, RunConnectionAsync));
            TlsLocalAddress = _listeners[^1].LocalAddress;
        }

        foreach (TurnStreamListener listener in _listeners) listener.Start();
        _udp.Start(HandleClientDatagram);
    }

    private int NextConnection() => Interlocked.Increment(ref _lastConnection);

    private void HandleClientDatagram(TurnUdpSocket socket, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (_admit is not null && IsRequest(datagram) && !_admit(source)) return;
        HandleClient(new TurnClientKey(source, 0), datagram);
    }

    // RFC 8489 §5: two zero bits, then the type, whose bits 4 and 8 are the class.
    private static bool IsRequest(ReadOnlySpan<byte> datagram) => datagram.Length > 1 && (datagram[0] & 0xC1) == 0 && (datagram[1] & 0x10) == 0;

    private void HandleClient(TurnClientKey client, ReadOnlySpan<byte> message)
    {
        lock (_gate) Deliver(_machine.HandleClient(_clock.Now, client, message, _output));
    }

    private void HandlePeer(TurnUdpSocket socket, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        lock (_gate) Deliver(_machine.HandlePeer(_clock.Now, socket.Id, source, datagram, _output, NewTransactionId));
    }

    private void Deliver(TurnOutput output)
    {
        ReadOnlySpan<byte> bytes = _output.AsSpan(0, output.Bytes);
        switch (output.Kind)
        {
            case TurnOutputKind.ToPeer when _ports.TryGet(output.AllocationId, out TurnUdpSocket? socket):
                socket!.Send(output.Peer, bytes);
                break;
            case TurnOutputKind.ToClient when output.Client.Connection == 0:
                _udp.Send(output.Client.Address, bytes);
                break;
            case TurnOutputKind.ToClient when _connections.TryGetValue(output.Client.Connection, out TurnServerConnection? connection):
                connection.Send(bytes);
                break;
        }
    }

    private async Task RunConnectionAsync(TurnServerConnection connection)
    {
        _connections[connection.Client.Connection] = connection;
        try
        {
            await connection.RunAsync((c, buffer, bytes) => HandleClient(c.Client, buffer.AsSpan(0, bytes))).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection.Client.Connection, out _);
            lock (_gate) _machine.HandleClientGone(connection.Client);
        }
    }

    private static StunTransactionId NewTransactionId() => StunClient.NewTransactionId(SystemNetwork.Instance.Chance);

    private void Expire()
    {
        lock (_gate) _machine.HandleTimeout(_clock.Now);
    }
}
