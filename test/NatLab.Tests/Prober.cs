using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CS3103P2P.NatLab.Tests;

/// <summary>Measures a NAT from inside by plain sockets, in the terms of RFC 4787 and RFC 5780.</summary>
internal static class Prober
{
    private const int FilterRounds = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Resend = TimeSpan.FromMilliseconds(150);

    public static Socket Open(LabHost host, IPEndPoint? local = null)
    {
        var socket = host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveBufferSize = 1 << 20;
        socket.Bind(local ?? new IPEndPoint(IPAddress.Any, 0));
        return socket;
    }

    public static void Send(Socket socket, string text, IPEndPoint to) => socket.SendTo(Encoding.ASCII.GetBytes(text), to);

    /// <summary>The external endpoint that the server sees; null when no answer comes in time.</summary>
    public static async Task<IPEndPoint?> MapAsync(Socket socket, IPEndPoint server, TimeSpan? patience = null)
    {
        string token = Guid.NewGuid().ToString("N");
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < (patience ?? Patience))
        {
            Send(socket, $"map {token}", server);
            while (await ReceiveAsync(socket, Resend) is { } answer)
            {
                if (answer.Words[1] == token) return IPEndPoint.Parse(answer.Words[2]);
            }
        }
        return null;
    }

    public static async Task<string> MappingAsync(Socket socket, EchoServer echo)
    {
        var primary = await MapAsync(socket, echo.Primary);
        if (primary is null) return "blocked";
        var otherPort = await MapAsync(socket, echo.OtherPort);
        var otherAddress = await MapAsync(socket, echo.OtherAddress);
        if (primary.Equals(otherPort)) return primary.Equals(otherAddress) ? "EIM" : "ADM";
        return "APDM";
    }

    /// <summary>The same-socket answer is sent last, so what was going to get through has come by then (asked several times).</summary>
    public static async Task<string> FilteringAsync(Socket socket, EchoServer echo)
    {
        var seen = new HashSet<string>();
        for (int round = 0; round < FilterRounds; round++)
        {
            Send(socket, $"filter {round}", echo.Primary);
            while (await ReceiveAsync(socket, round == 0 ? Patience : Resend) is { } answer)
            {
                seen.Add(answer.Words[0]);
                if (answer.Words[0] == "same") break;
            }
        }
        if (!seen.Contains("same")) return "blocked";
        if (seen.Contains("address")) return "EIF";
        return seen.Contains("port") ? "ADF" : "APDF";
    }

    public static async Task<(string[] Words, IPEndPoint From)?> ReceiveAsync(Socket socket, TimeSpan patience)
    {
        byte[] buffer = new byte[2048];
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), timeout.Token);
            return (Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes).Split(' '), (IPEndPoint)received.RemoteEndPoint);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>External endpoint of a TCP connection from a fixed local port.</summary>
    public static async Task<IPEndPoint> MapTcpAsync(LabHost host, int localPort, IPEndPoint server)
    {
        using var socket = OpenTcp(host, localPort);
        using var timeout = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(server, timeout.Token);
        byte[] buffer = new byte[64];
        int length = await socket.ReceiveAsync(buffer, timeout.Token);
        return IPEndPoint.Parse(Encoding.ASCII.GetString(buffer, 0, length));
    }

    public static async Task<bool> TryConnectTcpAsync(LabHost host, int localPort, IPEndPoint remote, TimeSpan patience)
    {
        using var socket = OpenTcp(host, localPort);
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await socket.ConnectAsync(remote, timeout.Token);
            // Neither side may close before the other is connected.
            await socket.SendAsync(new byte[1], timeout.Token);
            return await socket.ReceiveAsync(new byte[1], timeout.Token) == 1;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static Socket OpenTcp(LabHost host, int localPort)
    {
        var socket = host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Any, localPort));
        return socket;
    }
}
