using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CS3103P2P.NatLab;

/// <summary>A laboratory in which the real consoles run, with a tracker, STUN and a relay on a public server.</summary>
public sealed class ConsoleLab : IAsyncDisposable
{
    private const int StunPort = 3478;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly string? _logFolder;
    private readonly List<Process> _programs = [];
    private Process? _tracker;

    private ConsoleLab(Lab lab, string? logFolder) => (Lab, _logFolder) = (lab, logFolder);

    /// <summary>Whether the consoles are there.</summary>
    public static bool IsBuilt => IsTrackerBuilt && Has("Peer", "p2p-peer");

    /// <summary>Whether the tracker's console is there.</summary>
    public static bool IsTrackerBuilt => Has("Tracker", "p2p-tracker");

    /// <summary>The laboratory.</summary>
    public Lab Lab { get; }

    /// <summary>The public server; null before <see cref="StartTrackerAsync"/>.</summary>
    public LabHost? Server { get; private set; }

    /// <summary>For the files of the programs; deleted at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("p2p-roam-").FullName;

    /// <summary>Puts up an empty laboratory.</summary>
    /// <param name="logFolder">Where what the programs log is written; null for nowhere.</param>
    public static async Task<ConsoleLab> CreateAsync(string? logFolder = null) => new(await Lab.CreateAsync().ConfigureAwait(false), logFolder);

    /// <summary>Starts the tracker with STUN at two addresses, and a relay unless that is not wanted.</summary>
    public async Task StartTrackerAsync(bool withRelay = true)
    {
        Server = await Lab.AddServerAsync(addresses: 2).ConfigureAwait(false);
        string[] relay = withRelay ? ["--relay", $"{Server.Addresses[0]}:{StunPort}"] : ["--stun", $"{Server.Addresses[0]}:{StunPort}"];
        _tracker = await StartServerAsync(
            Server, "tracker", withRelay ? "relay:" : "stun:",
            ["--listen", $"{Server.Addresses[0]}:80", "--stun", $"{Server.Addresses[1]}:{StunPort}", .. relay]).ConfigureAwait(false);
    }

    /// <summary>Starts another public server with a relay that knows none of the peers' users.</summary>
    /// <returns>It, as <c>--relay</c> takes it.</returns>
    public async Task<string> StartStrangeRelayAsync()
    {
        LabHost host = await Lab.AddServerAsync().ConfigureAwait(false);
        await StartServerAsync(host, "relay", "relay:", "--listen", $"{host.Address}:80", "--relay", $"{host.Address}:{StunPort}").ConfigureAwait(false);
        return $"turn:nobody:wrong@{host.Address}:{StunPort}";
    }

    /// <summary>Kills the tracker, and with it STUN and relay (SIGKILL).</summary>
    public void KillTracker() => MatrixPrograms.End(_tracker);

    /// <summary>Makes a file of random bytes and shares it from a host; ends when it is registered.</summary>
    /// <returns>The file's path.</returns>
    public async Task<string> ShareAsync(LabHost host, string name, int mebibytes, params string[] arguments)
    {
        string source = Path.Combine(Folder, name);
        MatrixPrograms.WriteFile(source, mebibytes);
        Process share = StartPeer(host, $"{name}-share", ["share", source, .. arguments]);
        using var limit = new CancellationTokenSource(StartTimeout);
        if (await MatrixPrograms.WaitForEventAsync(share, "sharing", limit.Token).ConfigureAwait(false) is null) throw new InvalidOperationException("The sharer ended.");
        return source;
    }

    /// <summary>Begins to fetch what <see cref="ShareAsync"/> shares.</summary>
    public Transfer Get(LabHost host, string name, params string[] arguments)
    {
        string source = Path.Combine(Folder, name);
        string target = $"{source}.{host.Name}";
        return new Transfer(StartPeer(host, $"{name}-get", ["get", name, "-o", target, .. arguments]), source, target);
    }

    /// <summary>Starts a peer of which only the command line is known; its log is kept, its output is the caller's.</summary>
    public Process StartPeer(LabHost host, string log, params string[] command)
    {
        string[] servers = Server is null
            ? ["--stun", "off"]
            : ["--tracker", $"{Server.Addresses[0]}", "--stun", $"{Server.Addresses[0]}:{StunPort}", "--stun", $"{Server.Addresses[1]}:{StunPort}"];
        return Start(host, log, MatrixPrograms.Find("Peer", "p2p-peer"), null, [.. command, "--json", "--verbose", .. servers]);
    }

    /// <summary>What the tracker answers to a literal request from the server's own machine; empty when nothing.</summary>
    public async Task<string> AskTrackerAsync(string request)
    {
        LabHost server = Server ?? throw new InvalidOperationException("There is no tracker.");
        using Socket socket = server.Run(() =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(new IPEndPoint(server.Addresses[0], 0));
            return made;
        });
        byte[] answer = new byte[ushort.MaxValue];
        await socket.SendToAsync(Encoding.UTF8.GetBytes(request), new IPEndPoint(server.Addresses[0], 80)).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(AnswerTimeout);
        try
        {
            return Encoding.UTF8.GetString(answer, 0, await socket.ReceiveAsync(answer, limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            return string.Empty;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (Process program in _programs) MatrixPrograms.End(program);
        await Lab.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Starts a tracker on a host; ends when it has printed a line that begins so. It is killed, at the latest, with the laboratory.</summary>
    internal async Task<Process> StartServerAsync(LabHost host, string log, string lastLine, params string[] arguments)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Process started = Start(
            host, log, MatrixPrograms.Find("Tracker", "p2p-tracker"),
            line =>
            {
                if (line.StartsWith(lastLine, StringComparison.Ordinal)) ready.TrySetResult();
            },
            ["--verbose", .. arguments]);
        await ready.Task.WaitAsync(StartTimeout).ConfigureAwait(false);
        return started;
    }

    private static bool Has(string sample, string assembly)
    {
        try
        {
            return MatrixPrograms.Find(sample, assembly).Length > 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private Process Start(LabHost host, string log, string program, Action<string>? handleError, string[] arguments)
    {
        Process started = MatrixPrograms.Start(host, program, arguments);
        _programs.Add(started);
        StreamWriter? file = _logFolder is null ? null : new StreamWriter(Path.Combine(Directory.CreateDirectory(_logFolder).FullName, $"{log}.log")) { AutoFlush = true };
        started.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                file?.Dispose();
                return;
            }

            file?.WriteLine(line.Data);
            handleError?.Invoke(line.Data);
        };
        started.BeginErrorReadLine();
        return started;
    }
}
