using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CS3103P2P.Bench.Load;
using CS3103P2P.NatLab;

namespace CS3103P2P.Bench;

/// <summary>What it costs the tracker to be operated: to be watched and to limit, and to write snapshots. Each line in turn with its yardstick.</summary>
internal static class OperationsBench
{
    private const int Window = 96;
    private const int Files = 1_000;
    private const int PeersPerFile = 100;
    private const double MaxSeconds = 2;
    private const string Unwatched = "no HTTP, no log, no limits (yardstick)", Watched = "/metrics each second, default log, limits on";
    private const string NotSaved = "no snapshot (yardstick)", Saved = "while one snapshot after the other is written";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ScrapePeriod = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(BenchOptions options)
    {
        double seconds = Math.Min(MaxSeconds, options.Seconds);
        if (options.Wants("watched")) await MeasureWatchedAsync(options.Runs, seconds);
        if (options.Wants("snapshots")) MeasureSnapshots(options.Runs, seconds, options.Entries);
    }

    private static async Task MeasureWatchedAsync(int runs, double seconds)
    {
        string program;
        try
        {
            program = MatrixPrograms.Find("Tracker", "p2p-tracker");
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine(e.Message);
            return;
        }

        // Loopback has no limits, so the load comes from another address of this machine where there is one.
        IPAddress host = OwnAddress();
        int http = Server.FreePort();
        using Server bare = StartConsole(program, host, "--log", "none", "--set", "limits:requestsPerSecond=0");
        using Server watched = StartConsole(program, host, "--http", $"127.0.0.1:{http}", "--set", "limits:requestsPerSecond=10000000");
        foreach (Server server in (Server[])[bare, watched])
        {
            await WaitForReplyAsync(new IPEndPoint(host, server.Port));
            server.Load("register", Window, seconds, Files);
        }

        var table = new LoadTable($"the console, flag 1 on a registry of 1,000 files, from {host}");
        int scrapes = 0;
        for (int run = 0; run < runs; run++)
        {
            // First one, then the other, so that a drift of the machine favours neither.
            for (int turn = 0; turn < 2; turn++)
            {
                if ((run + turn) % 2 == 0)
                {
                    table.Add(Unwatched, bare.Load("lookup", Window, seconds, Files));
                    continue;
                }

                using var stop = new CancellationTokenSource();
                Task<int> scraping = ScrapeAsync(new Uri($"http://127.0.0.1:{http}/metrics"), stop.Token);
                table.Add(Watched, watched.Load("lookup", Window, seconds, Files));
                await stop.CancelAsync();
                scrapes += await scraping;
            }
        }

        table.Print();
        Console.WriteLine($"{scrapes} scrapes.");
        var verdicts = new Verdicts("being watched");
        verdicts.AtLeast("watched, of unwatched", 0.95, table.Ratios(Watched, Unwatched));
        verdicts.Print();
    }

    private static void MeasureSnapshots(int runs, double seconds, int entries)
    {
        int files = Math.Max(1, entries / PeersPerFile);
        string folder = Directory.CreateTempSubdirectory("p2p-bench-").FullName;
        using Server server = Server.Ours("snapshot-server", Server.Text(files), Server.Text(PeersPerFile), Path.Combine(folder, "registry.state"));
        server.Port = (int)server.ReadNumber("port");
        server.Load("lookup", Window, seconds, files);   // compiles what is hot
        var table = new LoadTable($"flag 1 on {(long)files * PeersPerFile:n0} entries");
        var snapshots = new Medians("snapshots", "seconds each", "MB");
        for (int run = 0; run < runs; run++)
        {
            table.Add(NotSaved, server.Load("lookup", Window, seconds, files));
            server.Tell("on");
            server.Read("on");
            table.Add(Saved, server.Load("lookup", Window, seconds, files));
            server.Tell("off");
            snapshots.Add("without rests, at the end", server.ReadNumber("seconds"), server.ReadNumber("megabytes"));
        }

        table.Print();
        snapshots.Print();
        var verdicts = new Verdicts("snapshots");
        verdicts.AtLeast("while a snapshot is written, of without", 0.8, table.Ratios(Saved, NotSaved));
        verdicts.Print();
        server.Stop();
        server.Read("ended");
        Directory.Delete(folder, recursive: true);
    }

    private static Server StartConsole(string program, IPAddress host, params string[] arguments)
    {
        int port = Server.FreePort();
        Server server = Server.Foreign(Server.DotNet, null, ["exec", program, "--listen", $"{host}:{port}", "--set", "tcp=off", .. arguments])
            ?? throw new InvalidOperationException("There is no dotnet in the path.");
        (server.Host, server.Port) = (host.ToString(), port);
        return server;
    }

    private static IPAddress OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(one => one.OperationalStatus == OperationalStatus.Up)
        .SelectMany(one => one.GetIPProperties().UnicastAddresses)
        .Select(one => one.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)) ?? IPAddress.Loopback;

    private static async Task WaitForReplyAsync(IPEndPoint server)
    {
        using var limit = new CancellationTokenSource(StartTimeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var client = new UdpClient(0, AddressFamily.InterNetwork);
        Task<UdpReceiveResult> reply = client.ReceiveAsync(limit.Token).AsTask();
        while (!reply.IsCompleted)
        {
            await client.SendAsync("REQUEST 6"u8.ToArray(), server, limit.Token);
            await timer.WaitForNextTickAsync(limit.Token);
        }

        await reply;
    }

    private static async Task<int> ScrapeAsync(Uri metrics, CancellationToken stop)
    {
        using var http = new HttpClient();
        using var timer = new PeriodicTimer(ScrapePeriod);
        int count = 0;
        try
        {
            do
            {
                await http.GetStringAsync(metrics, stop);
                count++;
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            return count;
        }

        return count;
    }
}
