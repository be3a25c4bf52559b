using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary><c>roam</c>: transfers during which addresses change, ways come and go, servers die. Prints one line each.</summary>
internal static class RoamCommand
{
    public const string Help = "[--mib 200] [--rate 30M] [--only NAME | --only KIND:KIND] [--logs FOLDER]";

    private const int Done = 0;
    private const int Failed = 1;

    private static readonly (NatKind Sharer, NatKind Downloader)[] Pairs =
    [
        (NatKind.PortRestricted, NatKind.PortRestricted), (NatKind.Symmetric, NatKind.Symmetric), (NatKind.Linux, NatKind.UdpBlocked),
        (NatKind.None, NatKind.PortRestricted),
    ];

    /// <summary>Runs it; null when the arguments make no sense.</summary>
    public static async Task<int?> RunAsync(string[] arguments)
    {
        int mebibytes = 200;
        string rate = "30M";
        string? logs = null;
        string? only = null;
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length) return null;
            string value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--mib" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out mebibytes) && mebibytes > 0: break;
                case "--rate": rate = value; break;
                case "--logs": logs = value; break;
                case "--only": only = value; break;
                default: return null;
            }
        }

        (string Name, Func<Task<string>> Run)[] chosen = [.. All(mebibytes, rate, logs).Where(one => only is null || one.Name == only)];
        if (only?.Split(':') is [var first, var second] && NatKinds.TryParse(first, out NatKind sharer) && NatKinds.TryParse(second, out NatKind downloader))
        {
            chosen = [(only, () => MoveAsync(sharer, downloader, mebibytes, rate, logs))];
        }

        return chosen.Length == 0 ? null : await RunAllAsync(chosen).ConfigureAwait(false);
    }

    private static async Task<int> RunAllAsync((string Name, Func<Task<string>> Run)[] chosen)
    {
        int exit = Done;
        foreach ((string name, Func<Task<string>> run) in chosen)
        {
            string line;
            try
            {
                line = await run().ConfigureAwait(false);
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException)
            {
                line = $"FAILED: {e.Message}";
                exit = Failed;
            }

            await Console.Out.WriteLineAsync($"{name,-34} {line}").ConfigureAwait(false);
        }

        return exit;
    }

    private static IEnumerable<(string Name, Func<Task<string>> Run)> All(int mebibytes, string rate, string? logs)
    {
        foreach ((NatKind sharer, NatKind downloader) in Pairs)
        {
            yield return ($"{NatKinds.NameOf(sharer)}:{NatKinds.NameOf(downloader)}", () => MoveAsync(sharer, downloader, mebibytes, rate, logs));
        }

        yield return ("lan", () => RoamScenarios.ShareLanAsync(logs));
        yield return ("carrier", () => RoamScenarios.ShareCarrierAsync(hairpin: false, logs));
        yield return ("carrier-hairpin", () => RoamScenarios.ShareCarrierAsync(hairpin: true, logs));
        yield return ("tracker-killed", () => RoamScenarios.LoseTrackerAsync(mebibytes, rate, logs));
        yield return ("mdns", () => RoamScenarios.ShareByMdnsAsync(logs));
        yield return ("relay-direct-relay", async () => (await RoamScenarios.MoveToDirectAndBackAsync(mebibytes, rate, logs).ConfigureAwait(false)).ToString());
    }

    private static async Task<string> MoveAsync(NatKind sharer, NatKind downloader, int mebibytes, string rate, string? logs) =>
        (await RoamScenarios.MoveAsync(sharer, downloader, mebibytes, rate, logs).ConfigureAwait(false)).ToString();
}
