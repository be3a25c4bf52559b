using System.Globalization;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;

namespace CS3103P2P.Bench.Load;

/// <summary>Our tracker as a child of its own, on loopback, with a registry that is filled before it answers.</summary>
internal static class TrackerChild
{
    private const int MaxEntries = 50_000_000;

    /// <summary>Serves until it is told to end.</summary>
    /// <param name="files">How many files.</param>
    /// <param name="peersPerFile">How many peers each has, with one run of chunks.</param>
    /// <param name="leaseSeconds">When all leases end, counted from when the registry begins to be filled; 0 for in an hour.</param>
    public static async Task ServeAsync(int files, int peersPerFile, int leaseSeconds)
    {
        var fill = new RegistryFill(files, peersPerFile, leaseSeconds == 0 ? 3_600 : leaseSeconds);
        long before = ResidentBytes();
        await using TrackerServer server = await TrackerServer.StartAsync(CreateOptions(fill));
        Children.Print("grown", $"{ResidentBytes() - before}");
        Children.Print("resident", $"{ResidentBytes()}");
        Children.Print("entries", $"{(long)files * peersPerFile}");
        GC.Collect();   // what filling left behind is no part of serving
        TimeSpan pausesBefore = GC.GetTotalPauseDuration();
        int[] collections = [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];
        long allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        Children.Print("stunport", $"{server.StunAddresses[0].Port}");
        Children.Print("port", $"{server.ListenAddresses[0].Port}");
        Task told = Task.Run(Children.UntilToldAsync);   // the console reads lines without giving the thread back
        double ended = leaseSeconds > 0 ? await fill.AllEndedAsync(told) : double.NaN;
        await told;
        Children.Print("ended", $"{ended}");
        Children.Print("gcpauses", $"{(GC.GetTotalPauseDuration() - pausesBefore).TotalMilliseconds}");
        Children.Print("collections", $"{GC.CollectionCount(0) - collections[0]}/{GC.CollectionCount(1) - collections[1]}/{GC.CollectionCount(2) - collections[2]}");
        Children.Print("allocated", $"{GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore}");
    }

    /// <summary>How a tracker under load runs: on free ports of loopback, with limits out of the way.</summary>
    public static TrackerOptions CreateOptions(RegistryFill fill)
    {
        var options = new TrackerOptions
        {
            Tcp = false,
            MaxEntries = MaxEntries,
            MaxFiles = 10_000_000,
            MaxEntriesPerSource = 10_000_000,
            MaxRequestsPerSecond = 10_000_000,
            Replication = fill,
        };
        options.Listen.Add(Loopback());
        options.Stun.Add(Loopback());
        return options;
    }

    /// <summary>Memory of this process that stands in the machine's, by proc(5).</summary>
    public static long ResidentBytes()
    {
        const string Key = "VmRSS:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return long.Parse(line[Key.Length..].Replace("kB", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10;
    }

    private static TransportAddress Loopback() => TransportAddress.FromIPv4(0x7F000001, 0);
}
