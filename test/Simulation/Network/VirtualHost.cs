using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A machine on the network with its UDP sockets.</summary>
internal sealed class VirtualHost
{
    private const ushort FirstFreePort = 32_768;
    private const int DefaultMaxSockets = 2_048;
    private readonly World _world;
    private readonly Dictionary<ushort, IVirtualSocket> _sockets = [];
    private ushort _lastPort = FirstFreePort;
    private readonly List<Site> _formerSites = [];
    private bool _isOnline = true;

    public VirtualHost(World world, string name, LinkProfile link, Site site)
    {
        _world = world;
        Name = name;
        Link = link;
        Site = site;
        Address = site.Add(this);
    }

    public string Name { get; }

    /// <summary>Sockets that its programs may have.</summary>
    public int MaxSockets { get; init; } = DefaultMaxSockets;

    public LinkProfile Link { get; set; }

    public Site Site { get; private set; }

    /// <summary>All public addresses under which it ever was.</summary>
    public bool HasBeenAt(uint address) => Site.Addresses.Contains(address) || _formerSites.Exists(site => site.Addresses.Contains(address));

    /// <summary>The address of its interface, port 0.</summary>
    public TransportAddress Address { get; private set; }

    public RateQueue Uplink { get; } = new();

    public RateQueue Downlink { get; } = new();

    /// <summary>Whether the cable is plugged in.</summary>
    public bool IsOnline
    {
        get => _isOnline;
        set
        {
            _isOnline = value;
            AddressChanged?.Invoke();
        }
    }

    /// <summary>Whether the machine sleeps: nothing runs, nothing is heard.</summary>
    public bool IsAsleep
    {
        get => AsleepSince is not null;
        set
        {
            AsleepSince = value ? AsleepSince ?? _world.Time.Now : null;
            if (!value) Awoke?.Invoke();
        }
    }

    /// <summary>When it fell asleep; null when it is awake.</summary>
    public MonotonicTime? AsleepSince { get; private set; }

    /// <summary>May change or swallow what is sent: planted bugs.</summary>
    public OutgoingFilter? Outgoing { get; set; }

    /// <summary>Bytes sent and received so far.</summary>
    public long Bytes { get; set; }

    /// <summary>The machine has another address.</summary>
    public event Action? AddressChanged;

    /// <summary>It woke up.</summary>
    public event Action? Awoke;

    /// <summary>Opens a port, 0 for a free one; null when it is taken or none is left.</summary>
    public ushort? Open(ushort port, IVirtualSocket socket)
    {
        if (_sockets.Count >= MaxSockets) return null;
        if (port == 0)
        {
            do _lastPort = _lastPort == ushort.MaxValue ? FirstFreePort : (ushort)(_lastPort + 1);
            while (_sockets.ContainsKey(_lastPort));
            port = _lastPort;
        }

        return _sockets.TryAdd(port, socket) ? port : null;
    }

    public void Close(ushort port, IVirtualSocket socket)
    {
        if (_sockets.GetValueOrDefault(port) == socket) _sockets.Remove(port);
    }

    /// <summary>All programs are gone.</summary>
    public void CloseAll()
    {
        foreach (IVirtualSocket socket in _sockets.Values.ToArray()) socket.Abandon();
        _sockets.Clear();
        Outgoing = null;
        AddressChanged = null;
        Awoke = null;
    }

    /// <summary>Sends a datagram from a port.</summary>
    public void Send(ushort port, TransportAddress destination, Span<byte> datagram, bool mayFragment)
    {
        if (Outgoing is { } filter) datagram = datagram[..filter(datagram, ref destination)];
        if (!datagram.IsEmpty) _world.Network.Send(this, port, destination, datagram, mayFragment);
    }

    public void Deliver(ushort port, TransportAddress source, byte[] datagram)
    {
        if (IsAsleep || !IsOnline || !_sockets.TryGetValue(port, out IVirtualSocket? socket)) return;
        Bytes += datagram.Length;
        _world.Trace.AddDatagram(Name, datagram, _world.Trace.IsWritten ? source.ToString() : string.Empty);
        socket.Receive(source, datagram);
    }

    /// <summary>The machine is carried to another place.</summary>
    public void Roam(Site site)
    {
        _formerSites.Add(Site);
        Site.Remove(this);
        Site = site;
        Move(site.Add(this));
    }

    /// <summary>Its interface gets another address.</summary>
    public void Move(TransportAddress address)
    {
        Address = address;
        AddressChanged?.Invoke();
    }
}
