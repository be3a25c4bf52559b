using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests.Streams;

/// <summary>A UDP relay on loopback in front of one server, which loses, repeats and swaps datagrams in both directions.</summary>
internal sealed class LossyRelay : IAsyncDisposable
{
    private readonly Socket _front = Bind();
    private readonly Socket _back = Bind();
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Task _forward;
    private readonly Task _backward;
    private volatile EndPoint? _client;

    public LossyRelay(TransportAddress server, int seed)
    {
        _server = server.ToIPEndPoint();
        _forward = RelayAsync(_front, _back, new Random(seed), () => _server, from => _client = from);
        _backward = RelayAsync(_back, _front, new Random(seed + 1), () => _client, _ => { });
    }

    public double Loss { get; init; } = 0.02;

    public TransportAddress Address => new((IPEndPoint)_front.LocalEndPoint!);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_forward, _backward);
        _front.Dispose();
        _back.Dispose();
        _stop.Dispose();
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private async Task RelayAsync(Socket from, Socket to, Random random, Func<EndPoint?> target, Action<EndPoint> seen)
    {
        byte[] buffer = new byte[65_536];
        byte[]? held = null;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await from.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                seen(received.RemoteEndPoint);
                if (target() is not { } destination || random.NextDouble() < Loss) continue;
                ReadOnlyMemory<byte> datagram = buffer.AsMemory(0, received.ReceivedBytes);
                if (held is null && random.NextDouble() < 0.02)
                {
                    held = datagram.ToArray();
                    continue;
                }

                await to.SendToAsync(datagram, destination, _stop.Token);
                if (random.NextDouble() < 0.02) await to.SendToAsync(datagram, destination, _stop.Token);
                if (held is null) continue;
                await to.SendToAsync(held, destination, _stop.Token);
                held = null;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The other side's port is closed already.
                continue;
            }
        }
    }
}
