using System.Globalization;
using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;

namespace CS3103P2P.Bench;

/// <summary>A tracker, files and processes that share and fetch them over loopback.</summary>
internal sealed class SwarmRun : IAsyncDisposable
{
    private const string FileName = "original.bin";
    private const string WarmUpName = "warm.bin";
    private const int WarmUpMib = 256;
    private const int Block = 1 << 20;
    private readonly TrackerServer _tracker;
    private readonly string _folder;
    private int _copies;

    private SwarmRun(TrackerServer tracker, string folder)
    {
        _tracker = tracker;
        _folder = folder;
    }

    /// <summary>The folder of all files, deleted at the end.</summary>
    public string Folder => _folder;

    public string Original => Path.Combine(_folder, FileName);

    public string Tracker => _tracker.ListenAddresses[0].ToString();

    public static async Task<SwarmRun> StartAsync(long bytes)
    {
        string folder = Directory.CreateTempSubdirectory("p2p-bench-").FullName;
        WriteRandomFile(Path.Combine(folder, FileName), bytes, seed: 1);
        WriteRandomFile(Path.Combine(folder, WarmUpName), (long)WarmUpMib << 20, seed: 2);
        return new SwarmRun(await TrackerServer.StartAsync(new TrackerOptions { Listen = { new TransportAddress(IPAddress.Loopback, 0) } }), folder);
    }

    /// <summary>Lets new processes fetch the file from a new process, all at once.</summary>
    /// <param name="getters">How many.</param>
    /// <param name="uploadLimit">Of each process, in bits per second; 0 for none.</param>
    /// <param name="isWarm">Whether they fetch another file first, which is not counted.</param>
    public async Task<SwarmFigures> GetAsync(int getters, long uploadLimit, bool isWarm)
    {
        string limit = uploadLimit.ToString(CultureInfo.InvariantCulture);
        Child sharer = Child.Start("swarm-share", Tracker, limit, "200", Path.Combine(_folder, WarmUpName), Original);
        var all = new List<Child>();
        var copies = new List<string>();
        try
        {
            await sharer.ReadAsync("sharing");
            for (int i = 0; i < getters; i++)
            {
                copies.Add(Path.Combine(_folder, $"copy{_copies++}.bin"));
                all.Add(Child.Start("swarm-get", Tracker, limit, isWarm ? WarmUpName : "-", FileName, copies[^1]));
            }

            foreach (Child getter in all) await getter.ReadAsync("ready");
            sharer.Tell("begin");
            foreach (Child getter in all) getter.Tell("go");
            return await MeasureAsync(sharer, all);
        }
        finally
        {
            await Task.WhenAll(all.Append(sharer).Select(child => child.EndAsync()));
            foreach (string copy in copies)
            {
                File.Delete(copy);
                File.Delete(copy + ".warm");
            }
        }
    }

    public static void WriteRandomFile(string path, long bytes, int seed)
    {
        var random = new Random(seed);
        byte[] block = new byte[Block];
        using FileStream file = File.Create(path);
        for (long left = bytes; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            file.Write(block, 0, (int)Math.Min(left, block.Length));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _tracker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // With one getter, the sharer looks at its own allocation when the getter has a quarter.
    private static async Task<SwarmFigures> MeasureAsync(Child sharer, List<Child> getters)
    {
        double atQuarter = 0, quarterBytes = 0;
        if (getters.Count == 1)
        {
            quarterBytes = await getters[0].ReadNumberAsync("quarter");
            sharer.Tell("figures");
            atQuarter = await sharer.ReadNumberAsync("allocated");
            await sharer.ReadNumberAsync("peak");
        }

        double seconds = 0, steady = 0, peak = 0;
        var gettersTime = default(ProcessorTime);
        foreach (Child getter in getters)
        {
            seconds = Math.Max(seconds, await getter.ReadNumberAsync("seconds"));
            steady = Math.Max(steady, await getter.ReadNumberAsync("steady"));
            gettersTime += await ProcessorTime.ReadAsync(getter);
            peak = Math.Max(peak, await getter.ReadNumberAsync("peak"));
        }

        sharer.Tell("figures");
        ProcessorTime sharerTime = await ProcessorTime.ReadAsync(sharer);
        double allocated = await sharer.ReadNumberAsync("allocated") - atQuarter;
        double sharerPeak = await sharer.ReadNumberAsync("peak");
        return new SwarmFigures(seconds, sharerTime, gettersTime, steady, allocated, quarterBytes, peak, sharerPeak);
    }
}
