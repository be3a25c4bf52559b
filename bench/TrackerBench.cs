using CS3103P2P.Bench.Load;

namespace CS3103P2P.Bench;

/// <summary>Requests a second of the tracker against opentracker's UDP announce and an echo in C: server on core 0, load on core 1.</summary>
internal static class TrackerBench
{
    private const int Window = 96;
    private const int Files = 1_000;
    private const double MaxSeconds = 2;
    private const string Announce = "opentracker, UDP announce (yardstick)";
    private const string Lookup = "flag 1 with cookie", LookupEcho = "recvfrom and sendto in C, sizes of flag 1";
    private const string Register = "flags 4 and 3 with cookie", RegisterEcho = "recvfrom and sendto in C, sizes of flags 4 and 3";

    public static Task RunAsync(BenchOptions options)
    {
        if (options.Wants("requests")) MeasureRequests(options);
        if (options.Wants("size")) TrackerSizeBench.Run(options);
        return Task.CompletedTask;
    }

    private static void MeasureRequests(BenchOptions options)
    {
        var rates = new LoadTable("requests on a registry of 1,000 files");
        double seconds = Math.Min(MaxSeconds, options.Seconds);
        for (int run = 0; run < options.Runs; run++)
        {
            using (Server? opentracker = Yardsticks.OpenTracker(Files))
            {
                if (opentracker is not null) rates.Add(Announce, opentracker.Load("announce", Window, seconds, Files));
            }

            foreach ((string kind, string line, string echoLine) in (ReadOnlySpan<(string, string, string)>)[("lookup", Lookup, LookupEcho), ("register", Register, RegisterEcho)])
            {
                Dictionary<string, double> ours = Ours(kind, seconds);
                rates.Add(line, ours);
                using Server? echo = Yardsticks.CEcho((int)ours["reply"]);
                if (echo is not null) rates.Add(echoLine, echo.Load("echo", Window, seconds, (int)ours["request"]));
            }
        }

        rates.Print();
        var verdicts = new Verdicts("requests");
        verdicts.AtLeast("flag 1, of opentracker's announce", 1.3, rates.Ratios(Lookup, Announce));
        verdicts.AtLeast("flags 4 and 3, of the same", 1.1, rates.Ratios(Register, Announce));
        verdicts.AtLeast("flag 1, of the echo in C", 0.8, rates.Ratios(Lookup, LookupEcho));
        verdicts.AtLeast("flags 4 and 3, of the echo in C", 0.8, rates.Ratios(Register, RegisterEcho));
        verdicts.AtMost("flag 1, 99.9 % answered within, ms", 5, rates.Of(Lookup, "p999").Select(micros => micros / 1e3));
        verdicts.AtMost("flags 4 and 3, 99.9 % answered within, ms", 5, rates.Of(Register, "p999").Select(micros => micros / 1e3));
        verdicts.Print();
    }

    private static Dictionary<string, double> Ours(string kind, double seconds)
    {
        using Server server = Server.Ours("tracker-server", Server.Text(Files), "1", "0");
        server.Port = (int)server.ReadNumber("port");
        return server.Load(kind, Window, seconds, Files);
    }
}
