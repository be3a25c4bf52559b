using System.Diagnostics;
using CS3103P2P.Bench.Load;

namespace CS3103P2P.Bench;

/// <summary>A tracker with very many entries, and one with a very large swarm: memory, replies a second, and how long the longest reply takes while leases end.</summary>
internal static class TrackerSizeBench
{
    private const int Window = 96;
    private const int PeersPerFile = 100;
    private const int SwarmPart = 10;   // of all entries, in the large swarm
    private const int SmallSwarm = 10;
    private const int EntriesASecond = 350_000;   // that a registry is filled with, and that end, at least
    private const int MinLeaseSeconds = 12;
    private const double Seconds = 2;
    private const int MaxRuns = 3;   // ten million leases take a minute to come and go

    public static void Run(BenchOptions options)
    {
        var verdicts = new Verdicts("size");
        MeasureSwarms(options, verdicts);
        var sizes = new Medians(
            $"{options.Entries:n0} entries, {PeersPerFile} a file, one run of chunks each, IPv4",
            "resident MB", "bytes an entry", "lookups/s", "p99.9 us", "longest us", "lookups/s while all leases end", "p99.9 us then", "longest us then", "s until all had ended", "GC pauses ms");
        for (int run = 0; run < Math.Min(options.Runs, MaxRuns); run++) sizes.Add("a registry", Many(Math.Max(1, options.Entries / PeersPerFile)));
        sizes.Print();
        verdicts.AtMost("resident memory, bytes an entry", 120, sizes.Column("resident MB").Select(megabytes => megabytes * 1e6 / options.Entries));
        verdicts.AtMost("longest reply while all leases end, ms", 20, sizes.Column("longest us then").Select(micros => micros / 1e3));
        verdicts.Print();
    }

    private static void MeasureSwarms(BenchOptions options, Verdicts verdicts)
    {
        int large = Math.Max(SmallSwarm, options.Entries / SwarmPart);
        string smallName = $"{SmallSwarm} peers (yardstick)", largeName = $"{large:n0} peers";
        var swarms = new LoadTable("flag 1 on one file, by the number of its peers");
        using Server few = OneFile(SmallSwarm), many = OneFile(large);
        for (int run = 0; run < options.Runs; run++)
        {
            swarms.Add(smallName, few.Load("lookup", Window, Seconds, 1));
            swarms.Add(largeName, many.Load("lookup", Window, Seconds, 1));
        }

        swarms.Print();
        verdicts.AtMost($"time of a reply with {large:n0} peers, of that with {SmallSwarm}", 1.5, swarms.Ratios(smallName, largeName));
    }

    private static Server OneFile(int peers)
    {
        Server server = Server.Ours("tracker-server", "1", Server.Text(peers), "0");
        server.Port = (int)server.ReadNumber("port");
        return server;
    }

    private static double[] Many(int files)
    {
        int needed = files * PeersPerFile / EntriesASecond;
        int lease = MinLeaseSeconds + needed;   // longer than it takes to fill the registry and to look at it
        long started = Stopwatch.GetTimestamp();
        using Server server = Server.Ours("tracker-server", Server.Text(files), Server.Text(PeersPerFile), Server.Text(lease));
        double grown = server.ReadNumber("grown");
        double resident = server.ReadNumber("resident");
        server.Port = (int)server.ReadNumber("port");
        Dictionary<string, double> lookups = server.Load("lookup", Window, Seconds, files);
        double left = lease - Stopwatch.GetElapsedTime(started).TotalSeconds;
        Dictionary<string, double> ending = server.Load("lookup", Window, Math.Max(0, left) + Seconds + needed, files);
        server.Stop();
        double ended = server.ReadNumber("ended");
        return
        [
            resident / 1e6, grown / ((double)files * PeersPerFile), lookups["rate"], lookups["p999"], lookups["max"],
            ending["rate"], ending["p999"], ending["max"], ended, server.ReadNumber("gcpauses"),
        ];
    }
}
