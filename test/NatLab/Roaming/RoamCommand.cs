using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary><c>roam</c>: transfers during which addresses change, mappings vanish and lines die. Prints one line each.</summary>
internal static class RoamCommand
{
    public const string Help = "[--mib 200] [--rate 30M] [--pair KIND:KIND] [--logs FOLDER]";

    private const int Done = 0;
    private const int Failed = 1;

    /// <summary>Runs it; null when the arguments make no sense.</summary>
    public static async Task<int?> RunAsync(string[] arguments)
    {
        int mebibytes = 200;
        string rate = "30M";
        string? logs = null;
        (NatKind Sharer, NatKind Downloader)[] pairs = [(NatKind.PortRestricted, NatKind.PortRestricted), (NatKind.Symmetric, NatKind.Symmetric), (NatKind.Linux, NatKind.UdpBlocked)];
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length) return null;
            string value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--mib" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out mebibytes) && mebibytes > 0: break;
                case "--rate": rate = value; break;
                case "--logs": logs = value; break;
                case "--pair" when value.Split(':') is [var first, var second] && NatKinds.TryParse(first, out NatKind sharer) && NatKinds.TryParse(second, out NatKind downloader):
                    pairs = [(sharer, downloader)];
                    break;
                default: return null;
            }
        }

        int exit = Done;
        foreach ((NatKind sharer, NatKind downloader) in pairs)
        {
            try
            {
                RoamResult result = await RoamScenarios.MoveAsync(sharer, downloader, mebibytes, rate, logs).ConfigureAwait(false);
                await Console.Out.WriteLineAsync(result.ToString()).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException)
            {
                await Console.Out.WriteLineAsync($"{NatKinds.NameOf(sharer)} to {NatKinds.NameOf(downloader)}: FAILED: {e.Message}").ConfigureAwait(false);
                exit = Failed;
            }
        }

        return exit;
    }
}
