using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A socket without a loop on a virtual host.</summary>
internal sealed class PlainVirtualSocket : IPlainSocket, IVirtualSocket
{
    private readonly World _world;
    private readonly VirtualHost _host;
    private readonly Action<TransportAddress, byte[]> _received;
    private readonly ushort _port;

    public PlainVirtualSocket(World world, VirtualHost host, Action<TransportAddress, byte[]> received)
    {
        _world = world;
        _host = host;
        _received = received;
        _port = host.Open(0, this) ?? throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.TooManyOpenSockets);
    }

    public void Send(TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        Span<byte> copy = _world.SendBuffer.AsSpan(0, datagram.Length);
        datagram.CopyTo(copy);
        _host.Send(_port, destination, copy, mayFragment: false);
    }

    public void Receive(TransportAddress source, byte[] datagram) => _received(source, datagram);

    public void Abandon()
    {
    }

    public void Dispose() => _host.Close(_port, this);
}
