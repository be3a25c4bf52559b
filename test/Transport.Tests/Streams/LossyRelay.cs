using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests.Streams;

/// <summary>
/// A UDP relay on loopback in front of one server, which loses, repeats, swaps, holds back and, when asked, damages datagrams in both directions.
/// </summary>
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

    public double Duplication { get; init; } = 0.02;

    public double Reordering { get; init; } = 0.02;

    /// <summary>How often everything stands still for <see cref="StillMillis"/>.</summary>
    public double Spikes { get; init; }

    public int StillMillis { get; init; } = 100;

    public double BitFlips { get; init; }

    public double Truncation { get; init; }

    /// <summary>
    /// Once this many have passed, larger datagrams than <see cref="NarrowMtu"/> vanish for a while. A real narrow path lets their fragments
    /// pass; a relay on loopback sees no fragments, so it must become wide again.
    /// </summary>
    public int NarrowAfter { get; init; } = int.MaxValue;

    public int NarrowMtu { get; init; } = 1_300;

    public TimeSpan NarrowFor { get; init; } = TimeSpan.FromSeconds(1);

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
        using var still = new PeriodicTimer(TimeSpan.FromMilliseconds(StillMillis));
        long narrowSince = 0;
        for (int passed = 0; !_stop.IsCancellationRequested; passed++)
        {
            try
            {
                SocketReceiveFromResult received = await from.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                seen(received.RemoteEndPoint);
                if (passed == NarrowAfter) narrowSince = Stopwatch.GetTimestamp();
                bool isNarrow = passed >= NarrowAfter && Stopwatch.GetElapsedTime(narrowSince) < NarrowFor;
                bool vanishes = random.NextDouble() < Loss || (isNarrow && received.ReceivedBytes > NarrowMtu);
                if (target() is not { } destination || vanishes) continue;
                if (random.NextDouble() < Spikes) await still.WaitForNextTickAsync(_stop.Token);
                ReadOnlyMemory<byte> datagram = Damage(buffer.AsMemory(0, received.ReceivedBytes), random);
                if (held is null && random.NextDouble() < Reordering)
                {
                    held = datagram.ToArray();
                    continue;
                }

                await to.SendToAsync(datagram, destination, _stop.Token);
                if (random.NextDouble() < Duplication) await to.SendToAsync(datagram, destination, _stop.Token);
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

    private Memory<byte> Damage(Memory<byte> datagram, Random random)
    {
        if (datagram.Length > 0 && random.NextDouble() < BitFlips) datagram.Span[random.Next(datagram.Length)] ^= (byte)(1 << random.Next(8));
        return random.NextDouble() < Truncation ? datagram[..random.Next(datagram.Length + 1)] : datagram;
    }
}
