using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CS3103P2P.Bench.Load;

/// <summary>A program on core 0: one of ours, or a yardstick. The load runs on core 1.</summary>
internal sealed class Server : IDisposable
{
    /// <summary>Runs programs of .NET.</summary>
    public const string DotNet = "dotnet";

    private const string ServerCore = "0";
    private const string LoadCore = "1";
    private const int RepliesUntilCompiled = 500_000;   // hot code of .NET is compiled three times by then

    private readonly HashSet<string> _warm = [];
    private readonly Process _process;
    private readonly string? _folder;

    private Server(Process process, string? folder)
    {
        _process = process;
        _folder = folder;
    }

    public int Port { get; set; }

    /// <summary>Whether the first requests of a kind find code that is not compiled well yet.</summary>
    public bool NeedsWarmUp { get; init; }

    /// <summary>The IP address at which it listens.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Starts this program as a child on the server's core, compiled as the tracker's console is: this program's own settings are for short transfers.</summary>
    public static Server Ours(params string[] args) => new(Start(ServerCore, [.. Self(), "child", .. args], [("DOTNET_TieredPGO", "1"), ("DOTNET_TC_QuickJit", "1")]), null) { NeedsWarmUp = true };

    /// <summary>Starts another program on the server's core; null when it is not installed.</summary>
    public static Server? Foreign(string program, string? folder, params string[] args) =>
        Surroundings.Output("which", program) is null && !File.Exists(program)
            ? null
            : new Server(Start(ServerCore, [program, .. args]), folder) { NeedsWarmUp = program == DotNet };

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Reads what the program prints until a line has the key; its value.</summary>
    public string Read(string key)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith($"{key} ", StringComparison.Ordinal)) return line[(key.Length + 1)..];
        }

        throw new InvalidOperationException($"The program ended without {key}.");
    }

    public double ReadNumber(string key) => double.Parse(Read(key), CultureInfo.InvariantCulture);

    /// <summary>Loads it; the figures that <see cref="LoadGenerator"/> prints.</summary>
    public Dictionary<string, double> Load(string kind, int window, double seconds, int number, int? port = null)
    {
        int warmUp = NeedsWarmUp && _warm.Add($"{kind} {port}") ? RepliesUntilCompiled : 0;
        string[] args = [kind, $"{Host}:{port ?? Port}", Text(_process.Id), Text(window), seconds.ToString(CultureInfo.InvariantCulture), Text(number), Text(warmUp)];
        using Process load = Start(LoadCore, [.. Self(), "child", "load", .. args]);
        var figures = new Dictionary<string, double>();
        while (load.StandardOutput.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ');
            if (parts.Length == 2 && double.TryParse(parts[1], CultureInfo.InvariantCulture, out double figure)) figures[parts[0]] = figure;
        }

        load.WaitForExit();
        if (load.ExitCode != 0 || !figures.ContainsKey("rate")) throw new InvalidOperationException($"The load {kind} failed, server {(_process.HasExited ? "gone" : "alive")}.");
        return figures;
    }

    /// <summary>Gives one of ours a line to read.</summary>
    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>Ends it at once, without a word (SIGKILL).</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits until it ends by itself.</summary>
    public void WaitForEnd()
    {
        while (_process.StandardOutput.ReadLine() is not null)
        {
        }

        _process.WaitForExit();
        if (_process.ExitCode != 0) throw new InvalidOperationException($"The program ended with code {_process.ExitCode}.");
    }

    /// <summary>Tells one of ours to end; it then prints its last figures.</summary>
    public void Stop() => _process.StandardInput.Close();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == DotNet
        ? [Environment.ProcessPath!, typeof(Server).Assembly.Location]
        : [Environment.ProcessPath!];

    // taskset replaces itself by the program, so the process id is the program's.
    private static Process Start(string core, string[] command, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("taskset") { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["-c", core, .. command]) start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("taskset did not start.");
    }
}
