using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The product's TURN client on a home's socket: keeps one allocation, as each node does that has used ICE. It carries no data here.</summary>
internal sealed class ScaleRelayClient : ITurnClientHandler
{
    private readonly World _world;
    private readonly MachineSocket _socket;
    private readonly TurnClientMachine _machine;

    public ScaleRelayClient(World world, MachineSocket socket, TransportAddress relay, TurnCredentials user, Random random)
    {
        _world = world;
        _socket = socket;
        _machine = new TurnClientMachine(relay, new TurnClientSettings { Credentials = user }, () => NewId(random), this);
        var multiplexer = new StunMultiplexer();
        multiplexer.TryAttach(_machine);
        socket.Attach(DatagramKind.Stun, multiplexer);
        _machine.Start(world.Time.Now);
        world.Touch(socket);
    }

    /// <summary>Whether the relay serves this home.</summary>
    public bool IsReady => _machine.State == TurnClientState.Ready;

    /// <summary>Whether it refused, or was not heard of.</summary>
    public bool HasFailed => _machine.State == TurnClientState.Failed;

    /// <summary>Gives the allocation back.</summary>
    public void Close()
    {
        _machine.Close(_world.Time.Now);
        _world.Touch(_socket);
    }

    public void HandleState(MonotonicTime now, TurnClientState state)
    {
    }

    public void HandlePeer(MonotonicTime now, TransportAddress peer, TurnFailure? failure)
    {
    }

    public void HandleData(MonotonicTime now, TransportAddress peer, ReadOnlySpan<byte> data)
    {
    }

    private static StunTransactionId NewId(Random random)
    {
        Span<byte> id = stackalloc byte[StunTransactionId.SizeInBytes];
        random.NextBytes(id);
        return new StunTransactionId(id);
    }
}
