using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>The product's TURN server on a host; a restart forgets all allocations.</summary>
internal sealed class VirtualRelay : IVirtualSocket, ITurnRelayPorts
{
    /// <summary>What tracker and relay share.</summary>
    public const string Secret = "shared by tracker and relay";

    private const int KeyBytes = 32;
    private const int OutputBytes = 66_000;
    private static readonly TimeSpan ExpiryCheck = TimeSpan.FromSeconds(5);
    private readonly World _world;
    private readonly Random _random;
    private readonly byte[] _output = new byte[OutputBytes];
    private readonly Dictionary<int, RelayPort> _ports = [];
    private TurnServerMachine? _machine;
    private readonly TurnServerOptions _options;
    private long _bytesBefore;

    public VirtualRelay(World world, LinkProfile link, TurnServerOptions? options = null)
    {
        _world = world;
        _random = world.Fork();
        _options = options ?? new TurnServerOptions { SharedSecret = Secret };
        Host = new VirtualHost(world, "relay", link, new Site(world.Network, null, world.Fork())) { MaxSockets = _options.MaxAllocations + 1 };
        Start();
        world.Time.Schedule(ExpiryCheck, Expire);
    }

    /// <summary>A planted bug; null for none.</summary>
    public ForgottenChannels? Forgotten { get; init; }

    public VirtualHost Host { get; }

    public TransportAddress Address => Host.Address.WithPort(StunClient.StandardPort);

    /// <summary>What it allows.</summary>
    public TurnServerOptions Options => _options;

    /// <summary>Allocations that there are.</summary>
    public int AllocationCount => _machine?.AllocationCount ?? 0;

    /// <summary>How full its tables are.</summary>
    public IEnumerable<Transport.TableUse> Tables => _machine?.Tables ?? [];

    /// <summary>Ports open for them.</summary>
    public int PortCount => _ports.Count;

    /// <summary>Bytes relayed so far.</summary>
    public long RelayedBytes => _bytesBefore + (_machine?.RelayedBytes ?? 0);

    public void Start()
    {
        byte[] key = new byte[KeyBytes];
        _random.NextBytes(key);
        _machine = new TurnServerMachine(_options, this, key, VirtualTime.UnixSecondsAtZero);
        Host.Open(StunClient.StandardPort, this);
    }

    public void Stop()
    {
        if (_machine is null) return;
        _bytesBefore = RelayedBytes;
        _machine = null;
        _ports.Clear();
        Host.CloseAll();
    }

    public bool IsRunning => _machine is not null;

    public bool Supports(bool wantIPv6) => !wantIPv6;

    public bool TryOpen(int allocationId, bool wantIPv6, bool evenPort, out TransportAddress relayed)
    {
        relayed = default;
        var opened = new RelayPort(this, allocationId);
        if (wantIPv6 || Host.Open(0, opened) is not { } port) return false;
        opened.Port = port;
        _ports.Add(allocationId, opened);
        relayed = Host.Address.WithPort(port);
        return true;
    }

    public void Close(int allocationId)
    {
        if (_ports.Remove(allocationId, out RelayPort? port)) Host.Close(port.Port, port);
    }

    public void Receive(TransportAddress source, byte[] datagram)
    {
        if (Forgotten?.Loses(source, datagram) == true) return;
        Deliver(_machine!.HandleClient(_world.Time.Now, new TurnClientKey(source, 0), datagram, _output));
    }

    public void Abandon()
    {
    }

    private void HandlePeer(RelayPort port, TransportAddress source, byte[] datagram) =>
        Deliver(_machine!.HandlePeer(_world.Time.Now, port.AllocationId, source, datagram, _output, NewId));

    private StunTransactionId NewId()
    {
        Span<byte> id = stackalloc byte[StunTransactionId.SizeInBytes];
        _random.NextBytes(id);
        return new StunTransactionId(id);
    }

    private void Deliver(TurnOutput output)
    {
        Span<byte> bytes = _output.AsSpan(0, output.Bytes);
        if (output.Kind == TurnOutputKind.ToClient) Host.Send(StunClient.StandardPort, output.Client.Address, bytes, mayFragment: true);
        else if (output.Kind == TurnOutputKind.ToPeer && _ports.TryGetValue(output.AllocationId, out RelayPort? port)) Host.Send(port.Port, output.Peer, bytes, mayFragment: true);
    }

    private void Expire()
    {
        _machine?.HandleTimeout(_world.Time.Now);
        _world.Time.Schedule(ExpiryCheck, Expire);
    }

    private sealed class RelayPort(VirtualRelay relay, int allocationId) : IVirtualSocket
    {
        public int AllocationId { get; } = allocationId;

        public ushort Port { get; set; }

        public void Abandon()
        {
        }

        public void Receive(TransportAddress source, byte[] datagram) => relay.HandlePeer(this, source, datagram);
    }
}
