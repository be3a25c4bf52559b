using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CS3103P2P.Bench;

/// <summary>A datagram to and fro every 20 ms, which sees the queue that flows build.</summary>
internal static class DelayProbe
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Sends back what comes, until told to end.</summary>
    public static async Task EchoAsync(IPAddress local)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(local, 0));
        Children.Print("address", $"{socket.LocalEndPoint}");
        using var stop = new CancellationTokenSource();
        Task echoing = EchoAsync(socket, stop.Token);
        await Children.UntilToldAsync();
        await stop.CancelAsync();
        await echoing;
    }

    /// <summary>Measures between two moments of Unix time; tells mean and 95th percentile in milliseconds.</summary>
    public static async Task MeasureAsync(IPEndPoint echo, long fromMillis, long untilMillis)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(echo);
        var samples = new List<double>();
        using var stop = new CancellationTokenSource();
        Task receiving = ReceiveAsync(socket, samples, fromMillis, stop.Token);
        using var timer = new PeriodicTimer(Period);
        byte[] datagram = new byte[sizeof(long)];
        while (TimedFlow.NowMillis < untilMillis && await timer.WaitForNextTickAsync())
        {
            BitConverter.TryWriteBytes(datagram, Stopwatch.GetTimestamp());
            await socket.SendAsync(datagram);
        }

        await stop.CancelAsync();
        await receiving;
        double[] sorted = [.. samples.Order()];
        Children.Print("mean", $"{(sorted.Length == 0 ? double.NaN : sorted.Average())}");
        Children.Print("p95", $"{(sorted.Length == 0 ? double.NaN : sorted[sorted.Length * 95 / 100])}");
    }

    private static async Task ReceiveAsync(Socket socket, List<double> samples, long fromMillis, CancellationToken stop)
    {
        byte[] answer = new byte[64];
        try
        {
            while (true)
            {
                await socket.ReceiveAsync(answer.AsMemory(), stop);
                double millis = Stopwatch.GetElapsedTime(BitConverter.ToInt64(answer)).TotalMilliseconds;
                if (TimedFlow.NowMillis >= fromMillis) samples.Add(millis);
            }
        }
        catch (OperationCanceledException)
        {
            // Time is over.
        }
    }

    private static async Task EchoAsync(Socket socket, CancellationToken stop)
    {
        byte[] buffer = new byte[64];
        EndPoint any = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await socket.ReceiveFromAsync(buffer.AsMemory(), any, stop);
                await socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to end.
        }
    }
}
