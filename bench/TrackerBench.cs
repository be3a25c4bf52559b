using CS3103P2P.Bench.Load;

namespace CS3103P2P.Bench;

/// <summary>Requests a second of the tracker against opentracker's UDP announce and an echo in C: server on core 0, load on core 1.</summary>
internal static class TrackerBench
{
    private const int Window = 96;
    private const int Files = 1_000;
    private const double MaxSeconds = 3;

    public static Task RunAsync(BenchOptions options)
    {
        var rates = new LoadTable("requests on a registry of 1,000 files");
        for (int run = 0; run < options.Runs; run++)
        {
            double seconds = Math.Min(MaxSeconds, options.Seconds);
            Dictionary<string, double> lookups = Ours(Files, 1, "lookup", seconds);
            using (Server? opentracker = Yardsticks.OpenTracker(Files))
            {
                if (opentracker is not null) rates.Add("opentracker, UDP announce (yardstick)", opentracker.Load("announce", Window, seconds, Files));
            }

            rates.Add("flag 1 with cookie", lookups);
            using (Server? echo = Yardsticks.CEcho((int)lookups["reply"]))
            {
                if (echo is not null) rates.Add("recvfrom and sendto in C, sizes of flag 1", echo.Load("echo", Window, seconds, (int)lookups["request"]));
            }

            Dictionary<string, double> registrations = Ours(Files, 1, "register", seconds);
            rates.Add("flags 4 and 3 with cookie", registrations);
            using (Server? echo = Yardsticks.CEcho((int)registrations["reply"]))
            {
                if (echo is not null) rates.Add("recvfrom and sendto in C, sizes of flags 4 and 3", echo.Load("echo", Window, seconds, (int)registrations["request"]));
            }
        }

        rates.Print();
        TrackerSizeBench.Run(options);
        return Task.CompletedTask;
    }

    private static Dictionary<string, double> Ours(int files, int peers, string kind, double seconds)
    {
        using Server server = Server.Ours("tracker-server", Server.Text(files), Server.Text(peers), "0");
        server.Port = (int)server.ReadNumber("port");
        return server.Load(kind, Window, seconds, files);
    }
}
