using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CS3103P2P.NatLab.Tests;

/// <summary>
/// Tells a prober where its packets came from. A datagram is <c>OP TOKEN</c>; OP "map" is answered by <c>same TOKEN ENDPOINT</c>. OP
/// "filter" is answered from the other port (<c>port</c>), from the other address (<c>address</c>), and last from the same socket. OP
/// "count" is counted.
/// </summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly Socket[,] _sockets = new Socket[2, 2];
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _loops = [];

    public EchoServer(LabHost host)
    {
        for (int address = 0; address < 2; address++)
        {
            for (int port = 0; port < 2; port++)
            {
                var local = new IPEndPoint(host.Addresses[address], 4000 + port);
                _sockets[address, port] = Prober.Open(host, local);
                var listener = host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                listener.Bind(local);
                listener.Listen();
                _listeners.Add(listener);
                _loops.Add(AnswerTcpAsync(listener));
            }
        }
        for (int socket = 0; socket < 4; socket++) _loops.Add(AnswerUdpAsync(socket / 2, socket % 2));
    }

    public IPEndPoint Primary => (IPEndPoint)_sockets[0, 0].LocalEndPoint!;

    public IPEndPoint OtherPort => (IPEndPoint)_sockets[0, 1].LocalEndPoint!;

    public IPEndPoint OtherAddress => (IPEndPoint)_sockets[1, 0].LocalEndPoint!;

    public Traffic Counted { get; } = new();

    /// <summary>Sends an unasked datagram from the primary address.</summary>
    public void Send(string text, IPEndPoint to) => _sockets[0, 0].SendTo(Encoding.ASCII.GetBytes(text), to);

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets) socket.Dispose();
        foreach (var listener in _listeners) listener.Dispose();
        await Task.WhenAll(_loops);
    }

    private async Task AnswerUdpAsync(int address, int port)
    {
        byte[] buffer = new byte[2048];
        var own = _sockets[address, port];
        try
        {
            while (true)
            {
                var received = await own.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                string[] request = Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes).Split(' ');
                var from = (IPEndPoint)received.RemoteEndPoint;
                if (request[0] == "count")
                {
                    Counted.Add(received.ReceivedBytes);
                    continue;
                }
                if (request[0] == "filter")
                {
                    Answer(_sockets[address, 1 - port], "port", request[1], from);
                    Answer(_sockets[1 - address, port], "address", request[1], from);
                }
                Answer(own, "same", request[1], from);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return; // Disposed: the test is over.
        }
    }

    private static void Answer(Socket socket, string tag, string token, IPEndPoint to) =>
        socket.SendTo(Encoding.ASCII.GetBytes($"{tag} {token} {to}"), to);

    private static async Task AnswerTcpAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                using var accepted = await listener.AcceptAsync();
                await accepted.SendAsync(Encoding.ASCII.GetBytes(accepted.RemoteEndPoint!.ToString()!));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return;
        }
    }
}
