using CS3103P2P.Bench.Load;

namespace CS3103P2P.Bench;

/// <summary>STUN Binding replies a second against coturn and an echo in C: server on core 0, load on core 1.</summary>
internal static class StunBench
{
    private const int Window = 96;
    private const double MaxSeconds = 2;
    private const string Coturn = "coturn (yardstick)", Port = "ours, STUN port", Shared = "ours, on the tracker's port", Echo = "recvfrom and sendto in C";

    public static Task RunAsync(BenchOptions options)
    {
        var table = new LoadTable("STUN Binding");
        for (int run = 0; run < options.Runs; run++)
        {
            double seconds = Math.Min(MaxSeconds, options.Seconds);
            using (Server? coturn = Yardsticks.Coturn())
            {
                if (coturn is not null) table.Add(Coturn, coturn.Load("stun", Window, seconds, 0));
            }

            Dictionary<string, double> ours;
            using (Server server = Server.Ours("tracker-server", "1", "1", "0"))
            {
                int stun = (int)server.ReadNumber("stunport");
                server.Port = (int)server.ReadNumber("port");
                ours = server.Load("stun", Window, seconds, 0, stun);
                table.Add(Port, ours);
                table.Add(Shared, server.Load("stun", Window, seconds, 0));
            }

            using Server? echo = Yardsticks.CEcho((int)ours["reply"]);
            if (echo is not null) table.Add(Echo, echo.Load("echo", Window, seconds, (int)ours["request"]));
        }

        table.Print();
        var verdicts = new Verdicts("STUN");
        verdicts.AtLeast("STUN port, of coturn", 1.2, table.Ratios(Port, Coturn));
        verdicts.AtLeast("STUN on the tracker's port, of coturn", 1.2, table.Ratios(Shared, Coturn));
        verdicts.AtLeast("STUN port, of the echo in C", 0.8, table.Ratios(Port, Echo));
        verdicts.Print();
        return Task.CompletedTask;
    }
}
