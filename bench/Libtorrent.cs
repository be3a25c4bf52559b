using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>libtorrent (python3-libtorrent) from one process to another over loopback, file to file, every piece checked, no encryption.</summary>
internal static class Libtorrent
{
    private const string Python = "/usr/bin/python3";   // Debian's own, for which python3-libtorrent is made

    private static readonly Lazy<bool> Installed = new(() => Surroundings.Output(Python, "-c", "import libtorrent") is not null);

    private static string Script => Path.Combine(AppContext.BaseDirectory, "libtorrent_yardstick.py");

    /// <summary>Moves that many bytes; null when it is not installed.</summary>
    /// <param name="bytes">The size of the file.</param>
    /// <param name="protocol">tcp or utp.</param>
    /// <param name="leeches">How many download at once; the time is that of the last, the processor time that of all.</param>
    public static async Task<Measurement?> MeasureAsync(long bytes, string protocol, int leeches = 1)
    {
        if (!Installed.Value) return null;
        string folder = Directory.CreateTempSubdirectory("p2p-bench-").FullName;
        var processes = new List<Process>();
        try
        {
            Process seed = Start(processes, "seed", protocol, folder, Text(bytes));
            string port = await ReadAsync(seed, "port");
            for (int i = 0; i < leeches; i++) Start(processes, "leech", protocol, folder, Text(bytes), port, Text(i));
            foreach (Process leech in processes.Skip(1)) await ReadAsync(leech, "ready");
            foreach (Process leech in processes.Skip(1)) await leech.StandardInput.WriteLineAsync("go");
            double seconds = 0, synced = 0, cpu = 0, peak = 0;
            foreach (Process leech in processes.Skip(1))
            {
                seconds = Math.Max(seconds, Number(await ReadAsync(leech, "seconds")));
                cpu += Number(await ReadAsync(leech, "cpu"));
                peak = Math.Max(peak, Number(await ReadAsync(leech, "peak")));
                synced = Math.Max(synced, Number(await ReadAsync(leech, "synced")));
            }

            seed.StandardInput.Close();
            cpu += Number(await ReadAsync(seed, "cpu"));
            return new Measurement(seconds, cpu, 0, (long)peak) { SyncedSeconds = synced };
        }
        finally
        {
            foreach (Process process in processes)
            {
                if (!process.HasExited) process.Kill();
                process.Dispose();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    public static void PrintWhyMissing()
    {
        if (!Installed.Value) Console.WriteLine("python3-libtorrent is not installed, so it was not measured.");
    }

    private static Process Start(List<Process> processes, params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, [Script, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
        processes.Add(process);
        return process;
    }

    private static async Task<string> ReadAsync(Process process, string key)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith($"{key} ", StringComparison.Ordinal)) return line[(key.Length + 1)..];
        }

        throw new InvalidOperationException($"libtorrent ended without {key}.");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
