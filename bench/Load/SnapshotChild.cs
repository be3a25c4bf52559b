using System.Diagnostics;
using CS3103P2P.Tracker;
using CS3103P2P.Tracker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Bench.Load;

/// <summary>A tracker with a full registry that writes snapshots, one after the other, while it is told to: <c>on</c>, <c>off</c>, a line each.</summary>
internal static class SnapshotChild
{
    private const int LeaseSeconds = 3_600;
    private static readonly TimeSpan NoPause = TimeSpan.FromMilliseconds(1);

    public static async Task ServeAsync(int files, int peersPerFile, string path)
    {
        var fill = new RegistryFill(files, peersPerFile, LeaseSeconds);
        await using TrackerServer server = await TrackerServer.StartAsync(TrackerChild.CreateOptions(fill));
        Children.Print("port", $"{server.ListenAddresses[0].Port}");
        SnapshotKeeper? keeper = null;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "on" && keeper is null)
            {
                File.Delete(path);   // else it would be loaded
                keeper = await SnapshotKeeper.LoadAsync(path, NoPause, fill.Door!, NullLogger.Instance, CancellationToken.None);
                keeper.Start();
                Children.Print("on", $"1");
            }
            else if (keeper is not null)
            {
                long started = Stopwatch.GetTimestamp();
                await keeper.DisposeAsync();
                Children.Print("seconds", $"{Stopwatch.GetElapsedTime(started).TotalSeconds}");
                Children.Print("megabytes", $"{new FileInfo(path).Length / 1e6}");
                keeper = null;
            }
        }

        if (keeper is not null) await keeper.DisposeAsync();
        Children.Print("ended", $"1");
    }
}
