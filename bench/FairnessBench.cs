using System.Globalization;
using CS3103P2P.NatLab;

namespace CS3103P2P.Bench;

/// <summary>How uTP shares a line with TCP and with itself, and how long the queue is that it builds.</summary>
internal static class FairnessBench
{
    private const long BitsPerSecond = 20_000_000;
    private const int RttMillis = 40;
    private const int QueueMillis = 250;
    private const int HeadStartMillis = 6_000;
    private const int SettleMillis = 8_000;

    // Lines are emulated side by side: one carries 1,700 packets a second, so two processors are far from busy.
    private const int AtOnce = 5;
    private const double WantedShare = 0.85;
    private const double WantedDelayMillis = 110;
    private const double WantedJain = 0.9;
    private const string LedbatAlone = "uTP LEDBAT alone";
    private const string LedbatFirst = "uTP LEDBAT, then TCP cubic";
    private const string LedbatSecond = "TCP cubic, then uTP LEDBAT";
    private const string Twice = "uTP throughput twice";

    private static readonly LinkConditions Line = new()
    {
        Delay = TimeSpan.FromMilliseconds(RttMillis / 2.0),
        RateBitsPerSecond = BitsPerSecond,
        Queue = TimeSpan.FromMilliseconds(QueueMillis),
    };

    // The first of two flows begins some seconds before the second.
    private static readonly (string Name, StreamKind[] Flows)[] Lines =
    [
        ("TCP cubic alone (yardstick)", [StreamKind.TcpCubic]),
        (LedbatAlone, [StreamKind.UtpLedbat]),
        ("uTP throughput alone", [StreamKind.Utp]),
        (LedbatFirst, [StreamKind.UtpLedbat, StreamKind.TcpCubic]),
        (LedbatSecond, [StreamKind.TcpCubic, StreamKind.UtpLedbat]),
        ("uTP LEDBAT, then TCP bbr", [StreamKind.UtpLedbat, StreamKind.TcpBbr]),
        (Twice, [StreamKind.Utp, StreamKind.Utp]),
        ("TCP cubic twice", [StreamKind.TcpCubic, StreamKind.TcpCubic]),
        ("TCP bbr twice", [StreamKind.TcpBbr, StreamKind.TcpBbr]),
        ("TCP cubic, then uTP throughput", [StreamKind.TcpCubic, StreamKind.Utp]),
    ];

    public static async Task RunAsync(BenchOptions options)
    {
        if (EmulatedLink.UnavailableReason is { } reason)
        {
            Console.WriteLine($"fairness needs network namespaces: {reason}.");
            return;
        }

        var table = new Medians(
            $"20 Mbit/s, {RttMillis} ms RTT, queue of {QueueMillis} ms; the second flow starts {HeadStartMillis / 1000} s after the first, {options.Seconds} s counted from {SettleMillis / 1000} s after that",
            "first Mbit/s", "second Mbit/s", "first of the line", "second of the line", "Jain index", "added delay, mean ms", "95 % below ms");
        var verdicts = new Verdicts("fairness");
        for (int run = 0; run < options.Runs; run++)
        {
            foreach ((string Name, StreamKind[] Flows)[] group in Lines.Where(line => options.Wants(line.Name)).Chunk(AtOnce))
            {
                double[][] figures = await Task.WhenAll(group.Select(line => MeasureAsync(line.Flows, run + 1, options.Seconds)));
                foreach (((string name, _), double[] line) in group.Zip(figures))
                {
                    table.Add(name, line);
                    Judge(verdicts, name, line);
                }
            }
        }

        table.Print();
        verdicts.Print();
    }

    private static void Judge(Verdicts verdicts, string name, double[] line)
    {
        if (name == LedbatFirst) verdicts.AtLeast("TCP that joins LEDBAT keeps, of the line", WantedShare, line[3]);
        if (name == LedbatSecond) verdicts.AtLeast("TCP that LEDBAT joins keeps, of the line", WantedShare, line[2]);
        if (name == LedbatAlone) verdicts.AtMost("delay that LEDBAT adds, mean ms", WantedDelayMillis, line[5]);
        if (name == Twice) verdicts.AtLeast("two flows for throughput, Jain index", WantedJain, line[4]);
    }

    private static async Task<double[]> MeasureAsync(StreamKind[] kinds, int seed, int seconds)
    {
        await using EmulatedLink link = await EmulatedLink.CreateAsync(Line, seed);
        long start = TimedFlow.NowMillis;
        long from = start + SettleMillis + (kinds.Length > 1 ? HeadStartMillis : 0);
        long until = from + (seconds * 1000L);
        using Child echo = Child.StartIn(link.Right, "echo", EmulatedLink.RightAddress);
        using Child probe = Child.StartIn(link.Left, "probe", await echo.ReadAsync("address"), Text(from), Text(until));
        using TimedFlow first = await TimedFlow.StartAsync(link, kinds[0], from, until);
        double[] rates = new double[2];
        if (kinds.Length > 1)
        {
            await Task.Delay((int)Math.Max(0, start + HeadStartMillis - TimedFlow.NowMillis));
            using TimedFlow second = await TimedFlow.StartAsync(link, kinds[1], from, until);
            rates[1] = (await second.EndAsync()).BitsPerSecond;
        }

        rates[0] = (await first.EndAsync()).BitsPerSecond;
        double mean = await probe.ReadNumberAsync("mean"), p95 = await probe.ReadNumberAsync("p95");
        echo.Stop();
        bool two = kinds.Length > 1;
        double jain = Math.Pow(rates[0] + rates[1], 2) / (2 * ((rates[0] * rates[0]) + (rates[1] * rates[1])));
        return
        [
            rates[0] / 1e6,
            two ? rates[1] / 1e6 : double.NaN,
            rates[0] / BitsPerSecond,
            two ? rates[1] / BitsPerSecond : double.NaN,
            two ? jain : double.NaN,
            mean - RttMillis,
            p95 - RttMillis,
        ];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
