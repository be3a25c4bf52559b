namespace CS3103P2P.NatLab;

/// <content>Where only some ways exist, or a way comes and goes.</content>
public static partial class RoamScenarios
{
    /// <summary>Two hosts behind one router without hairpin, which found each other by the tracker.</summary>
    /// <returns>The way that the bytes took, and the peers' addresses.</returns>
    public static async Task<string> ShareLanAsync(string? logFolder = null)
    {
        ConsoleLab lab = await ConsoleLab.CreateAsync(logFolder).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            await lab.StartTrackerAsync().ConfigureAwait(false);
            Home home = await lab.Lab.AddHomeAsync(NatKind.PortRestricted, new HomeOptions { Hosts = 2 }).ConfigureAwait(false);
            await lab.ShareAsync(home.Hosts[0], "lan", SmallMebibytes, "--lan", "off").ConfigureAwait(false);
            return await lab.Get(home.Hosts[1], "lan", "--lan", "off").CompleteAsync(SmallPatience).ConfigureAwait(false);
        }
    }

    /// <summary>Two homes behind one carrier.</summary>
    public static async Task<string> ShareCarrierAsync(bool hairpin, string? logFolder = null)
    {
        ConsoleLab lab = await ConsoleLab.CreateAsync(logFolder).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            await lab.StartTrackerAsync().ConfigureAwait(false);
            Carrier carrier = await lab.Lab.AddCarrierAsync(NatKind.PortRestricted, new HomeOptions { Hairpin = hairpin }).ConfigureAwait(false);
            Home sharing = await lab.Lab.AddHomeAsync(NatKind.PortRestricted, new HomeOptions { Carrier = carrier }).ConfigureAwait(false);
            Home fetching = await lab.Lab.AddHomeAsync(NatKind.PortRestricted, new HomeOptions { Carrier = carrier }).ConfigureAwait(false);
            await lab.ShareAsync(sharing.Hosts[0], "carrier", SmallMebibytes).ConfigureAwait(false);
            return await lab.Get(fetching.Hosts[0], "carrier").CompleteAsync(SmallPatience).ConfigureAwait(false);
        }
    }

    /// <summary>The tracker, and STUN and the relay with it, is killed during a direct transfer.</summary>
    public static async Task<string> LoseTrackerAsync(int mebibytes, string rate, string? logFolder = null)
    {
        ConsoleLab lab = await ConsoleLab.CreateAsync(logFolder).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            await lab.StartTrackerAsync().ConfigureAwait(false);
            Home sharing = await lab.Lab.AddHomeAsync(NatKind.PortRestricted).ConfigureAwait(false);
            Home fetching = await lab.Lab.AddHomeAsync(NatKind.Linux).ConfigureAwait(false);
            await lab.ShareAsync(sharing.Hosts[0], "orphan", mebibytes, "--up-limit", rate).ConfigureAwait(false);
            Transfer get = lab.Get(fetching.Hosts[0], "orphan");
            await get.WaitUntilAsync(it => it.VerifiedBytes > 0, StartPatience, "the first byte").ConfigureAwait(false);
            lab.KillTracker();
            return await get.CompleteAsync(EndPatience).ConfigureAwait(false);
        }
    }

    /// <summary>Two hosts on a network without tracker, STUN and internet.</summary>
    public static async Task<string> ShareByMdnsAsync(string? logFolder = null)
    {
        ConsoleLab lab = await ConsoleLab.CreateAsync(logFolder).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            Home home = await lab.Lab.AddHomeAsync(NatKind.Linux, new HomeOptions { Hosts = 2 }).ConfigureAwait(false);
            await home.CutAsync().ConfigureAwait(false);
            await lab.ShareAsync(home.Hosts[0], "offline", SmallMebibytes).ConfigureAwait(false);
            return await lab.Get(home.Hosts[1], "offline").CompleteAsync(SmallPatience).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// At first nothing passes between the two homes, so that the relay serves; then everything does, and the transfer takes the direct way; then nothing
    /// again, and it falls back.
    /// </summary>
    public static async Task<RoamResult> MoveToDirectAndBackAsync(int mebibytes, string rate, string? logFolder = null)
    {
        ConsoleLab lab = await ConsoleLab.CreateAsync(logFolder).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            await lab.StartTrackerAsync().ConfigureAwait(false);
            Home sharing = await lab.Lab.AddHomeAsync(NatKind.PortRestricted).ConfigureAwait(false);
            Home fetching = await lab.Lab.AddHomeAsync(NatKind.PortRestricted).ConfigureAwait(false);
            await fetching.SeverAsync(sharing).ConfigureAwait(false);
            await lab.ShareAsync(sharing.Hosts[0], "detour", mebibytes, "--up-limit", rate).ConfigureAwait(false);
            Transfer get = lab.Get(fetching.Hosts[0], "detour");
            await get.WaitUntilAsync(it => it.VerifiedBytes > 0 && it.Way == "relay", StartPatience, "the relay").ConfigureAwait(false);
            await get.WaitUntilAsync(it => it.VerifiedBytes > 3_000_000, StartPatience, "some bytes").ConfigureAwait(false);

            await fetching.RestoreAsync().ConfigureAwait(false);
            TimeSpan opened = get.Now;
            await get.WaitUntilAsync(it => it.Way == "utp", DirectPatience, "the direct way").ConfigureAwait(false);
            TimeSpan toDirect = get.Now - opened;

            await fetching.SeverAsync(sharing).ConfigureAwait(false);
            TimeSpan back = await get.MeasureRecoveryAsync(get.Now, Watch).ConfigureAwait(false);
            await get.WaitUntilAsync(it => it.Way == "relay", Watch, "the relay again").ConfigureAwait(false);
            string ways = await get.CompleteAsync(EndPatience).ConfigureAwait(false);
            return new RoamResult(ways, [("direct after", toDirect), ("relay again after", back)]);
        }
    }
}
