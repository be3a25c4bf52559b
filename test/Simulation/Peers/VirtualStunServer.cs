using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The product's STUN server on a host.</summary>
internal sealed class VirtualStunServer
{
    private readonly VirtualHost _host;
    private readonly StunResponderMachine _machine = new(new StunResponder());

    public VirtualStunServer(World world, LinkProfile link)
    {
        _host = new VirtualHost(world, "stun", link, new Site(world.Network, null, world.Fork()));
        var socket = new MachineSocket(world, _host, StunClient.StandardPort);
        socket.Attach(DatagramKind.Stun, _machine);
        socket.Attach(DatagramKind.Foreign, _machine);
    }

    public TransportAddress Address => _host.Address.WithPort(StunClient.StandardPort);

    /// <summary>Questions answered so far.</summary>
    public long Answered => _machine.Answered;
}
