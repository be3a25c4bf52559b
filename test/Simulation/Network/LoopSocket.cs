using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The socket below an endpoint of the product, whose loop is stepped whenever there is something for it to do.</summary>
internal sealed class LoopSocket : IDatagramSocket, IVirtualSocket, IPumped
{
    private const int MaxSlots = 64;
    private const int MaxQueued = 4_096;

    /// <summary>A loop that takes this many turns without rest would take the whole processor.</summary>
    private const int MaxTurns = 2_000;

    private readonly World _world;
    private readonly VirtualHost _host;
    private readonly ushort _port;
    private readonly Queue<(TransportAddress Source, byte[] Datagram)> _arrived = new();
    private readonly List<(TransportAddress Source, byte[] Datagram)> _batch = [];
    private DatagramEndpoint? _endpoint;
    private MonotonicTime _armedFor = MonotonicTime.Never;
    private bool _rests;
    private bool _mayFragment;
    private bool _isClosed;

    private LoopSocket(World world, VirtualHost host, ushort wanted)
    {
        _world = world;
        _host = host;
        _port = host.Open(wanted, this) ?? throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.AddressAlreadyInUse);
        LocalAddress = TransportAddress.FromBits(UInt128.Zero, _port);
    }

    /// <summary>Any address of the host: it may change.</summary>
    public TransportAddress LocalAddress { get; }

    public string Description => "simulated";

    public static DatagramEndpoint Bind(World world, VirtualHost host, IHostNetwork network, DatagramEndpointOptions options)
    {
        var socket = new LoopSocket(world, host, options.LocalAddress.Port);
        socket._endpoint = DatagramEndpoint.CreateStepped(socket, network, options.TimeProvider, options.Logger);
        host.Awoke += () => world.Touch(socket);
        world.Touch(socket);
        return socket._endpoint;
    }

    public void Receive(TransportAddress source, byte[] datagram)
    {
        if (_arrived.Count < MaxQueued) _arrived.Enqueue((source, datagram));
        _world.Touch(this);
    }

    public bool IsTouched { get; set; }

    public void Pump()
    {
        if (_isClosed || _host.IsAsleep) return;
        for (int turns = 0; turns < MaxTurns; turns++)
        {
            _rests = false;
            if (!_endpoint!.Step()) return;
            if (_rests && _arrived.Count == 0) return;
        }

        _world.Violate("a loop comes to rest", $"{_host.Name} at port {_port}: {_endpoint!.DescribeDue()}");
    }

    /// <summary>The program is gone.</summary>
    public void Abandon() => _isClosed = true;

    void IDatagramSocket.Wait(long timeoutMicros, bool untilWritable)
    {
        _rests = true;
        if (timeoutMicros < 0) return;
        MonotonicTime due = _world.Time.Now + TimeSpan.FromMicroseconds(Math.Max(1, timeoutMicros));
        if (due >= _armedFor) return;
        _armedFor = due;
        _world.Time.Schedule(due, () =>
        {
            if (_armedFor != due) return;
            _armedFor = MonotonicTime.Never;
            _world.Touch(this);
        });
    }

    void IDatagramSocket.Wake() => _world.Touch(this);

    int IDatagramSocket.Receive()
    {
        _batch.Clear();
        while (_batch.Count < MaxSlots && _arrived.TryDequeue(out var next)) _batch.Add(next);
        return _batch.Count;
    }

    ReadOnlySpan<byte> IDatagramSocket.GetReceived(int slot, out TransportAddress source, out int segmentBytes)
    {
        (source, byte[] datagram) = _batch[slot];
        segmentBytes = Math.Max(1, datagram.Length);
        return datagram;
    }

    void IDatagramSocket.SetMayFragment(bool allowed) => _mayFragment = allowed;

    SendOutcome IDatagramSocket.Send(TransportAddress destination, ReadOnlySpan<byte> payload, int segmentBytes, out int bytesTaken)
    {
        bytesTaken = payload.Length;
        for (int at = 0; at < payload.Length; at += segmentBytes)
        {
            ReadOnlySpan<byte> datagram = payload.Slice(at, Math.Min(segmentBytes, payload.Length - at));
            Span<byte> copy = _world.SendBuffer.AsSpan(0, datagram.Length);
            datagram.CopyTo(copy);
            _host.Send(_port, destination, copy, _mayFragment);
        }

        return SendOutcome.Sent;
    }

    void IDisposable.Dispose()
    {
        _isClosed = true;
        _host.Close(_port, this);
    }
}
