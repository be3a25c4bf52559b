using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;

namespace CS3103P2P.Bench;

/// <summary>`get` of one file from one peer over loopback, verified and on disk, against `SslStream` moving as many bytes.</summary>
internal static class SwarmBench
{
    public static async Task RunAsync(BenchOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("p2p-bench-").FullName;
        try
        {
            string file = Path.Combine(folder, "original.bin");
            WriteRandomFile(file, options.Bytes);
            await using TrackerServer tracker = await TrackerServer.StartAsync(new TrackerOptions { Listen = { new TransportAddress(IPAddress.Loopback, 0) } });
            string address = tracker.ListenAddresses[0].ToString();
            var table = new Table("swarm", options.Bytes);
            for (int run = 0; run < options.Runs; run++)
            {
                table.Add("SslStream over TCP, memory to memory (yardstick)", await SslYardstick.MeasureAsync(options.Bytes));
                table.Add("get, disk to disk, verified", await GetAsync(file, address, Path.Combine(folder, $"copy{run}.bin")));
            }

            table.Print();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Measurement> GetAsync(string file, string tracker, string copy)
    {
        using Child sharer = Child.Start("share", file, tracker);
        using Child getter = Child.Start("get", await sharer.ReadAsync("name"), tracker, copy);
        Measurement measurement = await Child.MeasureAsync(sharer, getter);
        File.Delete(copy);
        return measurement;
    }

    private static void WriteRandomFile(string path, long bytes)
    {
        var random = new Random(1);
        byte[] block = new byte[1 << 20];
        using FileStream file = File.Create(path);
        for (long left = bytes; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            file.Write(block, 0, (int)Math.Min(left, block.Length));
        }
    }
}
