using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;

namespace CS3103P2P.Bench;

/// <summary>The two ends of a transfer from memory to memory.</summary>
internal static class StreamChildren
{
    private const int BufferBytes = 128 << 10;

    /// <summary>Waits for the receiver and sends that many bytes.</summary>
    public static async Task SendAsync(StreamKind kind, long bytes, IPAddress local)
    {
        await using BenchStream connection = await BenchStream.AcceptAsync(kind, local);
        TimeSpan cpu = Children.CpuTime();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        byte[] buffer = RandomNumberGenerator.GetBytes(BufferBytes);
        Task sending = SendAsync(connection.Stream, buffer, bytes);
        await Children.UntilToldAsync();
        if (sending.IsFaulted) await sending;
        Children.PrintOwnFigures(allocated, cpu);
        if (sending.IsCompleted) return;

        // A timed run: the receiver has seen enough.
        await AbortAsync(connection.Stream);
        await sending;
    }

    /// <summary>Receives to the end.</summary>
    public static async Task ReceiveAsync(StreamKind kind, IPEndPoint remote)
    {
        await using BenchStream connection = await BenchStream.ConnectAsync(kind, remote);
        TimeSpan cpu = Children.CpuTime();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long started = Stopwatch.GetTimestamp();
        byte[] buffer = new byte[BufferBytes];
        while (await connection.Stream.ReadAsync(buffer) > 0)
        {
            // To arrive is all that is asked.
        }

        Children.Print("seconds", $"{Stopwatch.GetElapsedTime(started).TotalSeconds}");
        Children.PrintOwnFigures(allocated, cpu);
    }

    /// <summary>Receives until a moment and tells how much came since another; both in milliseconds of Unix time, which all children share.</summary>
    public static async Task ReceiveBetweenAsync(StreamKind kind, IPEndPoint remote, long fromMillis, long untilMillis)
    {
        await using BenchStream connection = await BenchStream.ConnectAsync(kind, remote);
        TimeSpan cpu = Children.CpuTime();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        byte[] buffer = new byte[BufferBytes];
        long counted = 0;
        using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Max(1, untilMillis - Now())));
        try
        {
            while (await connection.Stream.ReadAsync(buffer, end.Token) is int count and > 0)
            {
                if (Now() >= fromMillis) counted += count;
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }

        Children.Print("seconds", $"{(untilMillis - fromMillis) / 1000.0}");
        Children.Print("bytes", $"{counted}");
        Children.PrintOwnFigures(allocated, cpu);
        await AbortAsync(connection.Stream);
    }

    private static async Task SendAsync(Stream stream, byte[] buffer, long bytes)
    {
        try
        {
            for (long left = bytes; left > 0; left -= buffer.Length) await stream.WriteAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)));
            await EndAsync(stream);
        }
        catch (Exception e) when (bytes == long.MaxValue && e is IOException or ObjectDisposedException)
        {
            // A timed run ends by an abort, its own or the receiver's.
        }
    }

    private static async Task AbortAsync(Stream stream)
    {
        if (stream is Transport.UtpStream utp) await utp.AbortAsync();
        else stream.Close();
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static async Task EndAsync(Stream stream)
    {
        switch (stream)
        {
            case Transport.UtpStream utp: utp.ShutdownWrite(); break;
            case Transport.SecureStream secure: await secure.ShutdownAsync(); break;
            case System.Net.Sockets.NetworkStream tcp: tcp.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send); break;
            default: throw new InvalidOperationException($"{stream.GetType().Name} cannot be ended.");
        }
    }
}
