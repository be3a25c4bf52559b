using System.Buffers;
using System.Net;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Bench;

/// <summary>Many peers in one process, each with its own key: each connects, opens a share, takes what it is told, and asks for nothing.</summary>
internal static class Crowd
{
    private const int AtOnce = 4;
    private const int FrameBytes = 512;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(int port, int count, string name)
    {
        var streams = new List<SecureStream>();
        var reading = new List<Task>();
        for (int at = 0; at < count; at += AtOnce)
        {
            SecureStream[] next = await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, count - at)).Select(_ => ConnectAsync(port, name)));
            streams.AddRange(next);
            reading.AddRange(next.Select(ReadAsync));
        }

        await Task.WhenAny([Task.Delay(Idle), .. reading]);
        if (reading.Exists(one => one.IsCompleted)) throw new InvalidOperationException("A connection ended.");
        Children.Print("idle", $"{streams.Count}");
        await Children.UntilToldAsync();
    }

    private static async Task<SecureStream> ConnectAsync(int port, string name)
    {
        Stream tcp = await TcpTransport.ConnectAsync(new TransportAddress(IPAddress.Loopback, (ushort)port));
        SecureStream stream = await SecureStream.AuthenticateAsClientAsync(tcp, PeerIdentity.Create(), expected: null);
        await stream.WriteAsync(Greeting(name));
        return stream;
    }

    private static byte[] Greeting(string name)
    {
        byte[] bytes = new byte[2 * FrameBytes];
        Span<byte> message = stackalloc byte[FrameBytes / 2];
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var hello = new HostInfoMessage { Host = "crowd"u8, Port = 1, IsServer = false, Version = HostInfoMessage.CurrentVersion };
        int length = Add(bytes, PeerMessageType.HostInfo, 0, message[..hello.Write(message, now)], now);
        var open = new OpenShareMessage { Name = Encoding.UTF8.GetBytes(name) };
        length += Add(bytes.AsSpan(length), PeerMessageType.OpenShare, 1, message[..open.Write(message)], now);
        return bytes[..length];
    }

    private static int Add(Span<byte> destination, PeerMessageType type, uint channel, ReadOnlySpan<byte> message, ulong now)
    {
        int length = new PeerFrameHeader(type, now, channel, message.Length).Write(destination);
        message.CopyTo(destination[length..]);
        return length + message.Length;
    }

    private static async Task ReadAsync(SecureStream stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FrameBytes);
        while (await stream.ReadAsync(buffer) > 0)
        {
            // What the sharer tells is of no interest.
        }
    }
}
