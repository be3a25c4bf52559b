using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary><c>spoof</c>: floods the tracker in others' names and prints what the victims got. Ends with 1 when that was too much.</summary>
internal static class SpoofCommand
{
    public const string Help = "[--seconds 10] [--rate 14000] [--seed N]";

    private const int Done = 0;
    private const int Failed = 1;

    /// <summary>Runs it; null when the arguments make no sense.</summary>
    public static async Task<int?> RunAsync(string[] arguments)
    {
        var values = new Dictionary<string, int> { ["--seconds"] = 10, ["--rate"] = 14_000, ["--seed"] = 1 };
        for (int i = 0; i < arguments.Length; i += 2)
        {
            bool isKnown = i + 1 < arguments.Length && values.ContainsKey(arguments[i]);
            if (!isKnown || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0) return null;
            values[arguments[i]] = value;
        }

        SpoofResult result = await SpoofScenario.RunAsync(values["--seconds"], values["--rate"], values["--seed"]).ConfigureAwait(false);
        await Console.Out.WriteAsync(result.ToString()).ConfigureAwait(false);
        return result.Rows.Any(row => row.IsTooMuch) || result.Changes.Count > 0 ? Failed : Done;
    }
}
