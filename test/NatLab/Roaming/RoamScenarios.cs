namespace CS3103P2P.NatLab;

/// <summary>Transfers to which something happens on the way. Each puts up its own laboratory; an exception says what did not work.</summary>
public static partial class RoamScenarios
{
    private const int SmallMebibytes = 8;

    /// <summary>The length of a cut.</summary>
    public static readonly TimeSpan CutDuration = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan SmallPatience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan DirectPatience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(10);

    /// <summary>The sharer's home is renumbered, then the downloader's router loses all mappings, then the downloader's line is dead for a while.</summary>
    /// <param name="sharer">The kind of the sharer's home.</param>
    /// <param name="downloader">That of the downloader's.</param>
    /// <param name="mebibytes">The file.</param>
    /// <param name="rate">The sharer's limit, as <c>--up-limit</c> takes it.</param>
    /// <param name="logFolder">Where what the programs log is written.</param>
    public static async Task<RoamResult> MoveAsync(NatKind sharer, NatKind downloader, int mebibytes, string rate, string? logFolder = null)
    {
        ConsoleLab lab = await ConsoleLab.CreateAsync(logFolder).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            await lab.StartTrackerAsync().ConfigureAwait(false);
            Home sharing = await lab.Lab.AddHomeAsync(sharer).ConfigureAwait(false);
            Home fetching = await lab.Lab.AddHomeAsync(downloader).ConfigureAwait(false);
            await lab.ShareAsync(sharing.Hosts[0], "moved", mebibytes, "--up-limit", rate).ConfigureAwait(false);
            Transfer get = lab.Get(fetching.Hosts[0], "moved");
            await get.WaitUntilAsync(it => it.VerifiedBytes > 0, StartPatience, "the first byte").ConfigureAwait(false);
            await get.WaitUntilAsync(it => it.VerifiedBytes > 3_000_000, StartPatience, "some bytes").ConfigureAwait(false);
            var recoveries = new List<(string, TimeSpan)>();

            await AfterAsync("renumbered", sharing.RenumberAsync).ConfigureAwait(false);
            TimeSpan listed = await WaitUntilListedAsync(lab, get, "moved", $"{sharing.PublicAddress} ").ConfigureAwait(false);
            recoveries.Add(("listed", listed));
            await AfterAsync("flushed", fetching.FlushAsync).ConfigureAwait(false);
            await AfterAsync("cut", () => fetching.CutAsync(CutDuration)).ConfigureAwait(false);
            return new RoamResult(await get.CompleteAsync(EndPatience).ConfigureAwait(false), recoveries);

            async Task AfterAsync(string name, Func<Task> change)
            {
                await change().ConfigureAwait(false);
                recoveries.Add((name, await get.MeasureRecoveryAsync(get.Now, Watch).ConfigureAwait(false)));
            }
        }
    }

    // By now the watch after the event is over, so zero means: within it.
    private static async Task<TimeSpan> WaitUntilListedAsync(ConsoleLab lab, Transfer get, string name, string address)
    {
        TimeSpan start = get.Now;
        string answer;
        do
        {
            answer = await lab.AskTrackerAsync($"REQUEST 1 {name}").ConfigureAwait(false);
            if (answer.Contains($" {address}", StringComparison.Ordinal)) return get.Now - start;
        }
        while (get.Now - start < ListPatience);
        throw new TimeoutException($"The tracker does not list {address}: {answer[..Math.Min(answer.Length, 200)]}");
    }
}
