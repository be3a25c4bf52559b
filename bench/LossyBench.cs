using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CS3103P2P.NatLab;

namespace CS3103P2P.Bench;

/// <summary>What uTP gets out of long and lossy lines, against the kernel's TCP over the same ones.</summary>
internal static class LossyBench
{
    private const long BitsPerSecond = 100_000_000;
    private const int SettleSeconds = 3;

    private static readonly (string Name, int RttMillis, double Loss, double Wanted)[] Lines =
    [
        ("40 ms RTT, no loss", 40, 0, 0.95),
        ("40 ms RTT, 1 % random loss", 40, 0.01, 0.75),
        ("150 ms RTT, 0.1 % random loss", 150, 0.001, 0.8),
    ];

    // What is judged is measured in every run, the rest once: so the whole takes six minutes, not sixteen.
    private static readonly (string Name, StreamKind Kind, bool IsJudged)[] Flows =
    [
        ("TCP cubic, one run (yardstick)", StreamKind.TcpCubic, false),
        ("TCP bbr, one run", StreamKind.TcpBbr, false),
        ("uTP, throughput", StreamKind.Utp, true),
        ("uTP, LEDBAT, one run", StreamKind.UtpLedbat, false),
    ];

    public static async Task RunAsync(BenchOptions options)
    {
        if (EmulatedLink.UnavailableReason is { } reason)
        {
            Console.WriteLine($"lossy needs network namespaces: {reason}.");
            return;
        }

        var verdicts = new Verdicts("lossy");
        foreach ((string name, int rttMillis, double loss, double wanted) in Lines)
        {
            var conditions = new LinkConditions { Delay = TimeSpan.FromMilliseconds(rttMillis / 2.0), Loss = loss, RateBitsPerSecond = BitsPerSecond };
            var table = new Medians($"100 Mbit/s, {name}, queue of 100 ms; payload from second {SettleSeconds} on, {options.Seconds} s", "Mbit/s", "of the line", "CPU s/GiB, both sides");
            for (int run = 0; run < options.Runs; run++)
            {
                await using EmulatedLink link = await EmulatedLink.CreateAsync(conditions, run + 1);
                foreach ((string line, StreamKind kind, bool isJudged) in Flows)
                {
                    if (!options.Wants(line) || (run > 0 && !isJudged)) continue;
                    double share = await AddAsync(table, link, line, kind, options.Seconds);
                    if (isJudged) verdicts.AtLeast($"uTP for throughput at {name}: of the line", wanted, share);
                }

                if (run == 0 && options.Wants("iperf3")) await AddIperfAsync(table, link, options.Seconds);
            }

            table.Print();
        }

        verdicts.Print();
    }

    private static async Task<double> AddAsync(Medians table, EmulatedLink link, string name, StreamKind kind, int seconds)
    {
        long from = TimedFlow.NowMillis + (SettleSeconds * 1000);
        using TimedFlow flow = await TimedFlow.StartAsync(link, kind, from, from + (seconds * 1000L));
        FlowResult result = await flow.EndAsync();
        table.Add(name, result.BitsPerSecond / 1e6, result.BitsPerSecond / BitsPerSecond, result.CpuSeconds * (1 << 30) / result.Bytes);
        return result.BitsPerSecond / BitsPerSecond;
    }

    private static async Task AddIperfAsync(Medians table, EmulatedLink link, int seconds)
    {
        if (Surroundings.Output("iperf3", "--version") is null) return;
        foreach (string algorithm in (string[])["cubic", "bbr"])
        {
            using Process server = Start(link.Right, ["-s", "-1", "--forceflush"]);
            while (await server.StandardOutput.ReadLineAsync() is { } line && !line.Contains("listening", StringComparison.OrdinalIgnoreCase))
            {
                // Its heading.
            }

            using Process client = Start(link.Left, ["-c", EmulatedLink.RightAddress, "-C", algorithm, "-t", Text(seconds), "-O", Text(SettleSeconds), "-J"]);
            string json = await client.StandardOutput.ReadToEndAsync();
            using JsonDocument document = JsonDocument.Parse(json);
            if (!document.RootElement.TryGetProperty("end", out JsonElement end) || !end.TryGetProperty("sum_received", out JsonElement sum)) continue;
            double bits = sum.GetProperty("bits_per_second").GetDouble();
            table.Add($"iperf3, TCP {algorithm}, one run", bits / 1e6, bits / BitsPerSecond, double.NaN);
        }
    }

    private static Process Start(NamespaceThread where, string[] arguments) => where.Run(() =>
        Process.Start(new ProcessStartInfo("iperf3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true }))
        ?? throw new InvalidOperationException("iperf3 did not start.");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
