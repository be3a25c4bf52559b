using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A virtual host as a program on it sees it.</summary>
internal sealed class HostNetwork : IHostNetwork
{
    private const int PrefixLength = 24;
    private readonly World _world;
    private readonly VirtualHost _host;

    public HostNetwork(World world, VirtualHost host)
    {
        _world = world;
        _host = host;
        Chance = world.Fork();
        host.AddressChanged += () => AddressesChanged?.Invoke();
    }

    public event Action? AddressesChanged;

    public Random Chance { get; }

    public DatagramEndpoint Bind(DatagramEndpointOptions options) => LoopSocket.Bind(_world, _host, this, options);

    public IPlainSocket OpenPlain(Action<TransportAddress, byte[]> received) => new PlainVirtualSocket(_world, _host, received);

    /// <summary>There is no TCP in this network.</summary>
    public async Task<Stream> ConnectTcpAsync(TransportAddress remote, CancellationToken cancellationToken)
    {
        await Task.Yield();
        throw new SocketException((int)SocketError.ConnectionRefused);
    }

    public IReadOnlyList<HostAddress> ReadAddresses() => _host.IsOnline ? [new HostAddress(_host.Address, PrefixLength)] : [];
}
