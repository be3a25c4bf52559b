using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary>
/// Transfers between the real programs, each behind a NAT of one kind, with a tracker, STUN and a relay on a public server: which path they find, and how soon.
/// </summary>
public sealed class Matrix : IAsyncDisposable
{
    private const int StunPort = 3478;
    private const long BitsPerMebibyte = 8L << 20;
    private static readonly TimeSpan GuessingLimit = TimeSpan.FromSeconds(16);
    private static readonly TimeSpan ShareTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan GetTimeout = TimeSpan.FromSeconds(60);

    private readonly Lab _lab;
    private readonly MatrixOptions _options;
    private readonly string _peer = MatrixPrograms.Find("Peer", "p2p-peer");
    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-matrix-").FullName;
    private LabHost? _server;
    private int _number;

    private Matrix(Lab lab, MatrixOptions options) => (_lab, _options) = (lab, options);

    /// <summary>Puts up a laboratory with its tracker.</summary>
    public static async Task<Matrix> StartAsync(MatrixOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var matrix = new Matrix(await Lab.CreateAsync().ConfigureAwait(false), options);
        await matrix.StartTrackerAsync().ConfigureAwait(false);
        return matrix;
    }

    /// <summary>Runs one transfer between two new homes.</summary>
    public async Task<MatrixResult> RunAsync(NatKind sharer, NatKind downloader)
    {
        Home sharing = await _lab.AddHomeAsync(sharer, new HomeOptions { Link = _options.Link }).ConfigureAwait(false);
        Home fetching = await _lab.AddHomeAsync(downloader, new HomeOptions { Link = _options.Link }).ConfigureAwait(false);
        var begun = new MatrixResult(sharer, downloader, null);
        string name = string.Create(CultureInfo.InvariantCulture, $"{NatKinds.NameOf(sharer)}-{NatKinds.NameOf(downloader)}-{++_number}");
        string source = Path.Combine(_folder, name);
        string target = source + ".got";
        MatrixPrograms.WriteFile(source, _options.Mebibytes);
        Process? share = null;
        Process? get = null;
        var clock = Stopwatch.StartNew();
        try
        {
            share = StartPeer(sharing.Hosts[0], $"{name}-share", "share", source);
            using var shareLimit = new CancellationTokenSource(ShareTimeout);
            if (await MatrixPrograms.WaitForEventAsync(share, "sharing", shareLimit.Token).ConfigureAwait(false) is null)
                return begun with { Failure = "the sharer ended" };
            clock.Restart();
            string[] limit = begun.Expected.TakesTime ? ["--down-limit", RateWhileGuessing()] : [];
            get = StartPeer(fetching.Hosts[0], $"{name}-get", ["get", name, "-o", target, .. limit]);
            using var getLimit = new CancellationTokenSource(GetTimeout);
            MatrixResult? result = await new MatrixWatch(get, clock).RunAsync(begun, _options.Repeats > 1, getLimit.Token).ConfigureAwait(false);
            if (result is null) return begun with { Failure = "the downloader gave up" };
            bool isWhole = result.Failure is not null || result.IsCut || MatrixPrograms.AreEqual(source, target);
            return isWhole ? result : result with { Failure = "the files differ" };
        }
        catch (OperationCanceledException)
        {
            return begun with { Failure = get is null ? "the tracker did not take the share" : "time is up", Total = clock.Elapsed };
        }
        finally
        {
            MatrixPrograms.End(get);
            MatrixPrograms.End(share);
            File.Delete(source);
            File.Delete(target);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartTrackerAsync()
    {
        _server = await _lab.AddServerAsync(addresses: 2).ConfigureAwait(false);
        Process tracker = Start(
            _server, "tracker", MatrixPrograms.Find("Tracker", "p2p-tracker"), "--verbose", "--listen", $"{_server.Addresses[0]}:80",
            "--relay", $"{_server.Addresses[0]}:{StunPort}", "--stun", $"{_server.Addresses[1]}:{StunPort}");
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("relay:", StringComparison.Ordinal) == true) ready.TrySetResult();
        };
        await ready.Task.WaitAsync(ShareTimeout).ConfigureAwait(false);
    }

    private Process StartPeer(LabHost host, string log, params string[] command) => Start(
        host, log, _peer, [.. command, "--json", "--verbose", "--tracker", $"{_server!.Addresses[0]}",
            "--stun", $"{_server.Addresses[0]}:{StunPort}", "--stun", $"{_server.Addresses[1]}:{StunPort}"]);

    private Process Start(LabHost host, string log, string program, params string[] arguments)
    {
        Process started = MatrixPrograms.Start(host, program, arguments);
        StreamWriter? file = _options.LogFolder is { } folder ? new StreamWriter(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{log}.log")) { AutoFlush = true } : null;
        started.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) file?.Dispose();
            else file?.WriteLine(line.Data);
        };
        started.BeginErrorReadLine();
        return started;
    }

    // So slow that the transfer outlasts the guessing: the change of the path is seen while data flows.
    private string RateWhileGuessing() => string.Create(
        CultureInfo.InvariantCulture, $"{(long)_options.Mebibytes * BitsPerMebibyte / (long)GuessingLimit.TotalSeconds}");
}
