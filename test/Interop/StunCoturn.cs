using System.Net;
using System.Net.Sockets;
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

    private StunCoturn(StunProgram program, string folder, int port)
    {
        _program = program;
        _folder = folder;
        Address = new TransportAddress(IPAddress.Loopback, port);
    }

    public TransportAddress Address { get; }

    public string Output => _program.Output;

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<StunCoturn> StartAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            string folder = Directory.CreateTempSubdirectory("coturn").FullName;
            int port = FreePort();
            var coturn = new StunCoturn(StunProgram.Start("turnserver", Arguments(folder, port, FreePort())), folder, port);
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

    private static string[] Arguments(string folder, int port, int otherPort) =>
    [
        "-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file", "stdout", "--pidfile", Path.Combine(folder, "pid"),
        "--userdb", Path.Combine(folder, "db"), "-L", "127.0.0.1", "-L", "127.0.0.2", "-p", $"{port}", "--alt-listening-port", $"{otherPort}",
        "-E", "127.0.0.1", "--allow-loopback-peers", "--use-auth-secret", "--static-auth-secret", Secret, "-r", Realm,
    ];

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
