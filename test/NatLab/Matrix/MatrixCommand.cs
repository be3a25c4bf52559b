using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary><c>matrix</c>: prints one line a transfer, then the summary. Exit code 1 when one failed.</summary>
internal static class MatrixCommand
{
    private const double Median = 0.5;
    private const double Late = 0.95;

    public static async Task<int> RunAsync(MatrixOptions options)
    {
        var results = new List<MatrixResult>();
        Matrix matrix = await Matrix.StartAsync(options).ConfigureAwait(false);
        await using (matrix.ConfigureAwait(false))
        {
            await Console.Out.WriteLineAsync($"{"SHARER",-21}{"DOWNLOADER",-21}{"PATH",-20}{"1ST BYTE",8} {"ALL",8}").ConfigureAwait(false);
            await foreach (MatrixResult result in matrix.RunAsync().ConfigureAwait(false))
            {
                results.Add(result);
                await Console.Out.WriteLineAsync(result.ToString()).ConfigureAwait(false);
            }
        }

        double[] firstBytes = [.. results.Where(result => result.Failure is null).Select(result => result.FirstByte.TotalSeconds).Order()];
        int failed = results.Count - firstBytes.Length;
        string paths = string.Join(", ", results.GroupBy(result => result.Path).OrderByDescending(group => group.Count()).Select(group => $"{group.Key} {group.Count()}"));
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{firstBytes.Length} done, {failed} failed; {paths}; first byte: median {At(firstBytes, Median):F2} s, 95 % within {At(firstBytes, Late):F2} s")).ConfigureAwait(false);
        return failed == 0 ? 0 : 1;
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
