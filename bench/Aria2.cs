using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace CS3103P2P.Bench;

/// <summary>aria2 from one process to another by BitTorrent over loopback; a tracker of three lines brings them together.</summary>
internal static class Aria2
{
    private const string Program = "aria2c";
    private const int PieceBytes = 1 << 20;
    private const int LookMillis = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly Lazy<bool> Installed = new(() => Surroundings.Output(Program, "--version") is not null);

    /// <summary>Lets one process fetch the file from another; null when aria2 is not installed. The time includes the start of the process.</summary>
    /// <param name="folder">Where the copy goes, in a folder of its own.</param>
    /// <param name="file">The file.</param>
    public static async Task<Measurement?> MeasureAsync(string folder, string file)
    {
        if (!Installed.Value) return null;
        (int trackerPort, int seedPort, int leechPort) = (FreePort(), FreePort(), FreePort());
        using var stop = new CancellationTokenSource(Patience);
        using var tracker = new HttpListener { Prefixes = { $"http://127.0.0.1:{trackerPort}/" } };
        tracker.Start();
        var seeding = new TaskCompletionSource();
        Task serving = ServeAsync(tracker, seedPort, seeding);
        string torrent = Path.Combine(folder, "aria2.torrent");
        string target = Directory.CreateDirectory(Path.Combine(folder, "aria2")).FullName;
        WriteTorrent(torrent, file, $"http://127.0.0.1:{trackerPort}/announce");
        using Process seed = Start(torrent, Path.GetDirectoryName(file)!, seedPort, "--check-integrity=true", "--seed-ratio=0.0");
        try
        {
            await seeding.Task.WaitAsync(stop.Token);
            TimeSpan before = seed.TotalProcessorTime;
            long started = Stopwatch.GetTimestamp();
            using Process leech = Start(torrent, target, leechPort, "--seed-time=0");
            (double cpu, long peak) = await WatchAsync(leech, stop.Token);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return new Measurement(seconds, cpu + (seed.TotalProcessorTime - before).TotalSeconds, 0, peak);
        }
        finally
        {
            seed.Kill();
            await seed.WaitForExitAsync(CancellationToken.None);
            tracker.Stop();
            await serving;
            Directory.Delete(target, recursive: true);
        }
    }

    public static void PrintWhyMissing()
    {
        if (!Installed.Value) Console.WriteLine("aria2 is not installed, so it was not measured.");
    }

    private static Process Start(string torrent, string folder, int port, params string[] more)
    {
        string[] common =
        [
            "--quiet", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false", "--file-allocation=none", "--disable-ipv6=true",
            "--allow-overwrite=true", $"--listen-port={port}", $"--dir={folder}", .. more, torrent,
        ];
        return Process.Start(new ProcessStartInfo(Program, common)) ?? throw new InvalidOperationException("aria2 did not start.");
    }

    // What a process used cannot be asked any more when it has ended.
    private static async Task<(double Cpu, long Peak)> WatchAsync(Process process, CancellationToken stop)
    {
        (double Cpu, long Peak) last = default;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(LookMillis));
        Task ended = process.WaitForExitAsync(stop);
        while (!process.HasExited)
        {
            try
            {
                process.Refresh();
                last = (process.TotalProcessorTime.TotalSeconds, process.PeakWorkingSet64);
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                break;   // it ended between the two
            }

            await Task.WhenAny(ended, timer.WaitForNextTickAsync(stop).AsTask());
            stop.ThrowIfCancellationRequested();
        }

        await ended;
        return last;
    }

    private static async Task ServeAsync(HttpListener tracker, int seedPort, TaskCompletionSource seeding)
    {
        byte[] answer = [.. "d8:intervali60e5:peers6:"u8, 127, 0, 0, 1, (byte)(seedPort >> 8), (byte)seedPort, (byte)'e'];
        while (tracker.IsListening)
        {
            try
            {
                HttpListenerContext call = await tracker.GetContextAsync();
                bool isSeed = call.Request.QueryString["left"] == "0" && call.Request.QueryString["port"] == seedPort.ToString(CultureInfo.InvariantCulture);
                await call.Response.OutputStream.WriteAsync(answer);
                call.Response.Close();
                if (isSeed) seeding.TrySetResult();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;   // stopped
            }
        }
    }

    private static void WriteTorrent(string path, string file, string announce)
    {
        using var pieces = new MemoryStream();
        byte[] piece = new byte[PieceBytes];
        using (FileStream input = File.OpenRead(file))
        {
            for (int read; (read = input.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false)) > 0;) pieces.Write(Sha1(piece.AsSpan(0, read)));
        }

        string name = Path.GetFileName(file);
        string front = string.Create(
            CultureInfo.InvariantCulture,
            $"d8:announce{announce.Length}:{announce}4:infod6:lengthi{new FileInfo(file).Length}e4:name{name.Length}:{name}12:piece lengthi{PieceBytes}e6:pieces{pieces.Length}:");
        File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes(front), .. pieces.ToArray(), .. "ee"u8]);
    }

#pragma warning disable CA5350 // BitTorrent's own hash
    private static byte[] Sha1(ReadOnlySpan<byte> piece) => SHA1.HashData(piece);
#pragma warning restore CA5350

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
