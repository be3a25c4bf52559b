using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CS3103P2P.Bench;

/// <summary>
/// What TLS costs beyond its cipher: records of 128 KiB, sealed by AES-128-GCM with a key that both sides know, straight over TCP from memory to
/// memory. Not a protocol that anything speaks.
/// </summary>
internal static class RecordYardstick
{
    private const int RecordBytes = 128 << 10;
    private const int TagBytes = 16;
    private const int KeyBytes = 16;
    private const int NonceBytes = 12;

    /// <summary>Runs both sides as children.</summary>
    public static async Task<Measurement> MeasureAsync(long bytes)
    {
        string count = (bytes / RecordBytes).ToString(CultureInfo.InvariantCulture);
        using Child sender = Child.Start("record-send", count);
        using Child receiver = Child.Start("record-receive", await sender.ReadAsync("port"), count);
        return await Child.MeasureAsync(sender, receiver);
    }

    public static async Task SendAsync(long records)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Children.Print("port", $"{((IPEndPoint)listener.LocalEndpoint).Port}");
        using TcpClient client = await listener.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        using var cipher = new AesGcm(new byte[KeyBytes], TagBytes);
        byte[] data = RandomNumberGenerator.GetBytes(RecordBytes);
        byte[] record = new byte[RecordBytes + TagBytes];
        byte[] nonce = new byte[NonceBytes];
        TimeSpan cpu = Children.CpuTime();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (long number = 0; number < records; number++)
        {
            BinaryPrimitives.WriteInt64BigEndian(nonce, number);
            cipher.Encrypt(nonce, data, record.AsSpan(0, RecordBytes), record.AsSpan(RecordBytes));
            await stream.WriteAsync(record);
        }

        await Children.UntilToldAsync();
        Children.PrintOwnFigures(allocated, cpu);
    }

    public static async Task ReceiveAsync(int port, long records)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream stream = client.GetStream();
        using var cipher = new AesGcm(new byte[KeyBytes], TagBytes);
        byte[] data = new byte[RecordBytes];
        byte[] record = new byte[RecordBytes + TagBytes];
        byte[] nonce = new byte[NonceBytes];
        TimeSpan cpu = Children.CpuTime();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long started = Stopwatch.GetTimestamp();
        for (long number = 0; number < records; number++)
        {
            await stream.ReadExactlyAsync(record);
            BinaryPrimitives.WriteInt64BigEndian(nonce, number);
            cipher.Decrypt(nonce, record.AsSpan(0, RecordBytes), record.AsSpan(RecordBytes), data);
        }

        Children.Print("seconds", $"{Stopwatch.GetElapsedTime(started).TotalSeconds}");
        Children.PrintOwnFigures(allocated, cpu);
    }
}
