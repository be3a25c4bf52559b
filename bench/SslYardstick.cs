using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CS3103P2P.Bench;

/// <summary>The yardstick: `SslStream` over TCP moves the same bytes from memory to memory between two processes.</summary>
internal static class SslYardstick
{
    private const int BufferBytes = 128 << 10;

    /// <summary>Runs both sides as children.</summary>
    public static async Task<Measurement> MeasureAsync(long bytes)
    {
        using Child sender = Child.Start("ssl-send", bytes.ToString(CultureInfo.InvariantCulture));
        using Child receiver = Child.Start("ssl-receive", await sender.ReadAsync("port"));
        return await Child.MeasureAsync(sender, receiver);
    }

    public static async Task SendAsync(long bytes)
    {
        using X509Certificate2 certificate = CreateCertificate();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Children.Print("port", $"{((IPEndPoint)listener.LocalEndpoint).Port}");
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsServerAsync(certificate, clientCertificateRequired: false, SslProtocols.Tls13, checkCertificateRevocation: false);
        TimeSpan cpu = Children.CpuTime();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        byte[] buffer = RandomNumberGenerator.GetBytes(BufferBytes);
        for (long left = bytes; left > 0; left -= BufferBytes) await stream.WriteAsync(buffer.AsMemory(0, (int)Math.Min(left, BufferBytes)));
        await stream.ShutdownAsync();
        await Children.UntilToldAsync();
        Children.PrintOwnFigures(allocated, cpu);
    }

    public static async Task ReceiveAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=yardstick");
        await stream.AuthenticateAsClientAsync("yardstick");
        TimeSpan cpu = Children.CpuTime();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long started = Stopwatch.GetTimestamp();
        byte[] buffer = new byte[BufferBytes];
        while (await stream.ReadAsync(buffer) > 0)
        {
            // What arrives is the yardstick's whole work.
        }

        Children.Print("seconds", $"{Stopwatch.GetElapsedTime(started).TotalSeconds}");
        Children.PrintOwnFigures(allocated, cpu);
    }

    private static X509Certificate2 CreateCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate =
            new CertificateRequest("CN=yardstick", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
