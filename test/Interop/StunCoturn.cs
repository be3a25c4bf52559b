using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Interop;

/// <summary>coturn on loopback, on ports that were free.</summary>
internal sealed class StunCoturn : IAsyncDisposable
{
    public const string Secret = "shared-secret-of-the-test";
    public const string Realm = "interop.example";
    private const int MaxAttempts = 3;

    private readonly StunProgram _program;
    private readonly string _folder;

    private StunCoturn(StunProgram program, string folder, int port, int tlsPort)
    {
        _program = program;
        _folder = folder;
        TlsPort = tlsPort;
        Address = new TransportAddress(IPAddress.Loopback, port);
    }

    /// <summary>Where it takes TLS; its certificate is for <see cref="Realm"/>, signed by itself.</summary>
    public int TlsPort { get; }

    public TransportAddress Address { get; }

    public string Output => _program.Output;

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<StunCoturn> StartAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            string folder = Directory.CreateTempSubdirectory("coturn").FullName;
            int port = FreePort();
            int tlsPort = FreePort();
            WriteCertificate(folder);
            var coturn = new StunCoturn(StunProgram.Start("turnserver", Arguments(folder, port, FreePort(), tlsPort)), folder, port, tlsPort);
            if (await coturn.IsAnsweringAsync()) return coturn;
            string output = coturn.Output;
            await coturn.DisposeAsync();
            if (attempt == MaxAttempts) Assert.Fail($"coturn does not answer.\n{output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string[] Arguments(string folder, int port, int otherPort, int tlsPort) =>
    [
        "-n", "--no-cli", "--no-dtls", "--tls-listening-port", $"{tlsPort}", "--cert", Path.Combine(folder, "cert.pem"), "--pkey", Path.Combine(folder, "key.pem"),
        "--log-file", "stdout", "--pidfile", Path.Combine(folder, "pid"),
        "--userdb", Path.Combine(folder, "db"), "-L", "127.0.0.1", "-L", "127.0.0.2", "-p", $"{port}", "--alt-listening-port", $"{otherPort}",
        "-E", "127.0.0.1", "--allow-loopback-peers", "--use-auth-secret", "--static-auth-secret", Secret, "-r", Realm,
    ];

    private static void WriteCertificate(string folder)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={Realm}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<bool> IsAnsweringAsync()
    {
        var options = new StunClientOptions { Retransmission = new StunRetransmission(TimeSpan.FromMilliseconds(50), 8, 1) };
        await using StunClient client = StunClient.Bind(new TransportAddress(IPAddress.Loopback, 0), options);
        return (await client.QueryAsync(Address)).IsSuccess;
    }
}
