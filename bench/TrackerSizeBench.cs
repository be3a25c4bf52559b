using CS3103P2P.Bench.Load;

namespace CS3103P2P.Bench;

/// <summary>A tracker with very many entries, and one with a very large swarm: memory, replies a second, and how long the longest reply takes while leases end.</summary>
internal static class TrackerSizeBench
{
    private const int Window = 96;
    private const int ManyFiles = 100_000;
    private const int PeersOfManyFiles = 100;
    private const int LargeSwarm = 1_000_000;
    private const int SmallSwarm = 10;
    private const int LeaseSeconds = 40;   // longer than it takes to fill the registry
    private const double Seconds = 3;

    public static void Run(BenchOptions options)
    {
        var swarms = new LoadTable("flag 1 on one file, by the number of its peers");
        var sizes = new Medians("ten million entries of 100,000 files, one run of chunks each, IPv4", "resident MB", "bytes an entry", "lookups/s", "p99.9 us", "max us while all leases end", "GC pauses ms");
        int scale = options.Runs == 1 && options.Mib < 1024 ? 10 : 1;   // a small run for a busy machine
        for (int run = 0; run < Math.Min(options.Runs, 5); run++)
        {
            swarms.Add($"{SmallSwarm} peers (yardstick)", OneFile(SmallSwarm));
            swarms.Add($"{LargeSwarm / scale:n0} peers", OneFile(LargeSwarm / scale));
        }

        for (int run = 0; run < Math.Min(options.Runs, 3); run++) sizes.Add(scale == 1 ? "10,000,000" : "1,000,000 (small run)", Many(ManyFiles / scale));
        swarms.Print();
        sizes.Print();
    }

    private static Dictionary<string, double> OneFile(int peers)
    {
        using Server server = Server.Ours("tracker-server", "1", Server.Text(peers), "0");
        server.Port = (int)server.ReadNumber("port");
        return server.Load("lookup", Window, Seconds, 1);
    }

    private static double[] Many(int files)
    {
        var started = System.Diagnostics.Stopwatch.StartNew();
        using Server server = Server.Ours("tracker-server", Server.Text(files), Server.Text(PeersOfManyFiles), Server.Text(LeaseSeconds));
        double grown = server.ReadNumber("grown");
        double resident = server.ReadNumber("resident");
        server.Port = (int)server.ReadNumber("port");
        Dictionary<string, double> lookups = server.Load("lookup", Window, Seconds, files);
        double left = LeaseSeconds - started.Elapsed.TotalSeconds;
        Dictionary<string, double> ending = server.Load("lookup", Window, Math.Max(Seconds, left + Seconds), files);
        server.Stop();
        return [resident / 1e6, grown / ((double)files * PeersOfManyFiles), lookups["rate"], lookups["p999"], ending["max"], server.ReadNumber("gcpauses")];
    }
}
