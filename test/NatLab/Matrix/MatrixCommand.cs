using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary><c>matrix</c>: prints one line a transfer, then summaries. Exit code 1 when one failed or took a worse path than it could.</summary>
internal static class MatrixCommand
{
    private const double Median = 0.5;
    private const double Late = 0.95;

    public static async Task<int> RunAsync(MatrixOptions options)
    {
        var results = new List<MatrixResult>();
        await Console.Out.WriteLineAsync(MatrixResult.Header).ConfigureAwait(false);
        await foreach (MatrixResult result in MatrixRun.RunAsync(options).ConfigureAwait(false))
        {
            results.Add(result);
            await Console.Out.WriteLineAsync(result.ToString()).ConfigureAwait(false);
        }

        if (options.Repeats > 1)
        {
            foreach (IGrouping<(NatKind, NatKind), MatrixResult> pair in results.GroupBy(result => (result.Sharer, result.Downloader)))
                await Console.Out.WriteLineAsync(SummaryOf([.. pair])).ConfigureAwait(false);
        }

        await Console.Out.WriteLineAsync(SummaryOfAll(results)).ConfigureAwait(false);
        return results.TrueForAll(result => result.IsAsExpected) ? 0 : 1;
    }

    private static string SummaryOf(List<MatrixResult> pair)
    {
        int direct = pair.Count(result => result.IsAsExpected && result.Direct is not null);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{NatKinds.NameOf(pair[0].Sharer)} - {NatKinds.NameOf(pair[0].Downloader)}: direct {direct} of {pair.Count}{(pair[0].Expected.IsDirect ? $" within {pair[0].Expected.Limit.TotalSeconds} s" : null)}; direct {Times(pair, result => result.Direct)}; first byte {Times(pair, result => result.FirstByte)}");
    }

    private static string SummaryOfAll(List<MatrixResult> results)
    {
        int failed = results.Count(result => result.Failure is not null);
        string paths = string.Join(", ", results.GroupBy(result => result.Path).OrderByDescending(group => group.Count()).Select(group => $"{group.Key} {group.Count()}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Count - failed} done, {failed} failed, {results.Count(result => !result.IsAsExpected)} not as expected; {paths}; first byte from the start of the process: {Times(results, result => result.FirstByte)}, of the job: {Times(results, result => result.FirstByteOfJob)}");
    }

    private static string Times(List<MatrixResult> results, Func<MatrixResult, TimeSpan?> time)
    {
        double[] sorted = [.. results.Select(time).OfType<TimeSpan>().Select(known => known.TotalSeconds).Order()];
        return sorted.Length == 0 ? "never" : string.Create(CultureInfo.InvariantCulture, $"median {At(sorted, Median):F2} s, 95 % within {At(sorted, Late):F2} s");
    }

    private static double At(double[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
