using System.Diagnostics;
using CS3103P2P.Bench.Load;

namespace CS3103P2P.Bench;

/// <summary>What a tracker loses that is killed under load, by the size of its registry: it is started again and asked for what it had confirmed.</summary>
internal static class TrackerKillBench
{
    private const int PeersPerFile = 100;
    private const int MaxSeconds = 8;   // a few periods of writing
    private const int FewSeconds = 5;
    private static readonly TimeSpan Asked = TimeSpan.FromSeconds(60);   // shares confirmed before that are taken for known

    public static Task RunAsync(BenchOptions options)
    {
        var table = new Medians(
            "tracker killed while peers register new files",
            "confirmed/s", "lost", "oldest lost, s before the kill", "starts again in s", "entries then", "MB on disk");
        var verdicts = new Verdicts("killed");
        string folder = Directory.CreateTempSubdirectory("p2p-bench-").FullName;
        string full = Path.Combine(folder, "full.state"), state = Path.Combine(folder, "registry.state");
        using (Server filling = Server.Ours("killed-prepare", Server.Text(Math.Max(1, options.Entries / PeersPerFile)), Server.Text(PeersPerFile), full)) filling.WaitForEnd();
        for (int run = 0; run < options.Runs; run++)
        {
            foreach (string old in Directory.GetFiles(folder, Path.GetFileName(state) + "*")) File.Delete(old);
            File.Copy(full, state);
            double[] figures = Measure(state, Math.Min(MaxSeconds, options.Seconds));
            table.Add($"{options.Entries:n0} entries before", figures);
            verdicts.AtMost("oldest registration lost, s before the kill", FewSeconds, figures[2]);
            verdicts.AtLeast("entries that come back, of those before", 1, figures[4] / Math.Max(1, (long)options.Entries / PeersPerFile * PeersPerFile));
        }

        table.Print();
        verdicts.Print();
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    private static double[] Measure(string state, int seconds)
    {
        List<(int Number, long At)> confirmed;
        long killed;
        using (Server first = Server.Ours("killed-server", state))
        {
            using var peers = new NewShares((int)first.ReadNumber("port"));
            confirmed = peers.Run(TimeSpan.FromSeconds(seconds));
            first.Kill();
            killed = Stopwatch.GetTimestamp();
        }

        double onDisk = Directory.GetFiles(Path.GetDirectoryName(state)!, Path.GetFileName(state) + "*").Sum(file => new FileInfo(file).Length) / 1e6;
        using Server second = Server.Ours("killed-server", state);
        double started = second.ReadNumber("seconds");
        double known = second.ReadNumber("entries");
        using var asking = new NewShares((int)second.ReadNumber("port"));
        List<(int Number, long At)> late = [.. confirmed.Where(share => Stopwatch.GetElapsedTime(share.At, killed) < Asked)];
        HashSet<int> found = asking.Find([.. late.Select(share => share.Number)]);
        List<(int Number, long At)> lost = [.. late.Where(share => !found.Contains(share.Number))];
        double oldest = lost.Count == 0 ? 0 : lost.Max(share => Stopwatch.GetElapsedTime(share.At, killed).TotalSeconds);
        second.Kill();
        return [confirmed.Count / (double)seconds, lost.Count, oldest, started, known, onDisk];
    }
}
