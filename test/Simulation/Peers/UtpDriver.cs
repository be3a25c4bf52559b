using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Simulation;

/// <summary>Joins the uTP machine of a host with the streams on it, as the product's loop does.</summary>
internal sealed class UtpDriver
{
    private readonly World _world;
    private readonly VirtualHost _host;
    private readonly UtpMachine _machine;
    private readonly Queue<UtpConnection> _touched = new();
    private readonly Action<UtpPipe> _accepted;

    public UtpDriver(World world, VirtualHost host, UtpOptions options, Action<UtpPipe> accepted)
    {
        _world = world;
        _host = host;
        _accepted = accepted;
        _machine = new UtpMachine(options, world.Fork());
        host.Attach(DatagramKind.Utp, _machine);
    }

    public int ConnectionCount => _machine.ConnectionCount;

    public MonotonicTime Now => _world.Time.Now;

    /// <summary>Begins to connect; null when there are too many connections.</summary>
    public UtpPipe? Connect(TransportAddress remote)
    {
        if (_machine.Connect(Now, remote) is not { } connection) return null;
        _world.Touch(_host);
        return CreatePipe(connection, isInitiator: true);
    }

    /// <summary>The user of a connection read, wrote or closed.</summary>
    public void Touch(UtpConnection connection)
    {
        _touched.Enqueue(connection);
        _world.Touch(_host);
    }

    public void BeforeDrain()
    {
        while (_touched.TryDequeue(out UtpConnection? connection)) _machine.Touch(connection);
        while (_machine.PollAccept(out UtpConnection accepted))
        {
            UtpPipe pipe = CreatePipe(accepted, isInitiator: false);
            pipe.HandleEvents(UtpEvents.Connected | UtpEvents.Readable);
            _accepted(pipe);
        }

        while (_machine.PollEvent(out UtpConnection connection, out UtpEvents events)) (connection.Owner as UtpPipe)?.HandleEvents(events);
    }

    /// <summary>The program is gone: nobody is told anything.</summary>
    public void Kill()
    {
        foreach (UtpConnection connection in _machine.GetConnections()) (connection.Owner as UtpPipe)?.Kill();
    }

    private UtpPipe CreatePipe(UtpConnection connection, bool isInitiator)
    {
        var pipe = new UtpPipe(this, connection, isInitiator);
        connection.Owner = pipe;
        return pipe;
    }
}
