using System.Text;

namespace CS3103P2P.Bench.Load;

/// <summary>Other people's programs, where they are installed, on the server's core.</summary>
internal static class Yardsticks
{
    private static readonly Lazy<string?> Echo = new(CompileEcho);

    /// <summary>opentracker with a whitelist of as many info-hashes; null when it is not installed.</summary>
    public static Server? OpenTracker(int files)
    {
        if (Surroundings.Output("which", "opentracker") is null) return null;
        string folder = Directory.CreateTempSubdirectory("p2p-bench-").FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var whitelist = new StringBuilder();
        for (int file = 0; file < files; file++) whitelist.Append(Convert.ToHexString(AnnounceWorkload.HashOf(file))).Append('\n');
        File.WriteAllText(Path.Combine(folder, "whitelist"), whitelist.ToString());
        int port = Server.FreePort();
        string text = Server.Text(port);
        Server? server = Server.Foreign("opentracker", folder, "-i", "127.0.0.1", "-p", text, "-P", text, "-d", folder, "-w", "whitelist", "-u", "nobody");
        if (server is not null) server.Port = port;
        return server;
    }

    /// <summary>coturn with one thread, without relay users; null when it is not installed.</summary>
    public static Server? Coturn()
    {
        int port = Server.FreePort();
        string folder = Directory.CreateTempSubdirectory("p2p-bench-").FullName;
        Server? server = Server.Foreign(
            "turnserver", folder, "-n", "-L", "127.0.0.1", "-p", Server.Text(port), "-m", "1", "--stun-only", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp",
            "--log-file", Path.Combine(folder, "log"), "--pidfile", Path.Combine(folder, "pid"));
        if (server is null) Directory.Delete(folder);
        else server.Port = port;
        return server;
    }

    /// <summary>An echo in C whose replies have this length; null without a compiler.</summary>
    public static Server? CEcho(int replyBytes)
    {
        if (Echo.Value is not { } program || Server.Foreign(program, null, Server.Text(replyBytes)) is not { } server) return null;
        server.Port = (int)server.ReadNumber("port");
        return server;
    }

    private static string? CompileEcho()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "udp_echo");
        string source = Path.Combine(AppContext.BaseDirectory, "Load", "udp_echo.c");
        return Surroundings.Output("gcc", "-O2", "-o", program, source) is null ? null : program;
    }
}
