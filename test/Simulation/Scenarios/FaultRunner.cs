namespace CS3103P2P.Simulation;

/// <summary>Makes things go wrong, and right again.</summary>
internal sealed class FaultRunner(World world, Swarm swarm)
{
    public void Schedule(Fault fault)
    {
        if (fault.Kind == FaultKind.RestartTracker) world.Time.Schedule(fault.At, () => RestartTracker(fault));
        else if (fault.Kind == FaultKind.RestartRelay) world.Time.Schedule(fault.At, () => RestartRelay(fault));
        else if (swarm.Find(fault.Peer) is { } peer) world.Time.Schedule(fault.At, () => Begin(fault, peer));
    }

    private void RestartTracker(Fault fault)
    {
        swarm.DisturbServers(world.Time.Now + fault.Lasts);
        world.Trace.Add("tracker", "stops");
        swarm.Tracker.Stop();
        world.Time.Schedule(fault.Lasts, () =>
        {
            world.Trace.Add("tracker", "starts");
            if (swarm.Tracker.Core is null) swarm.Tracker.Start();
        });
    }

    private void RestartRelay(Fault fault)
    {
        if (swarm.Servers.Relay is not { } relay) return;
        swarm.DisturbServers(world.Time.Now + fault.Lasts);
        world.Trace.Add("relay", "stops");
        relay.Stop();
        world.Time.Schedule(fault.Lasts, () =>
        {
            world.Trace.Add("relay", "starts");
            if (!relay.IsRunning) relay.Start();
        });
    }

    private void Begin(Fault fault, SimulatedPeer peer)
    {
        world.Trace.Add(peer.Name, $"suffers {fault.Kind}");
        swarm.Disturb(peer, world.Time.Now + fault.Lasts);
        switch (fault.Kind)
        {
            case FaultKind.KillProgram:
            case FaultKind.CutPower:
                if (fault.Kind == FaultKind.KillProgram) peer.Kill();
                else peer.CutPower();
                After(fault, () => swarm.StartUnlessGone(peer));
                break;
            case FaultKind.Sleep:
                peer.Host.IsAsleep = true;
                After(fault, () => peer.Host.IsAsleep = false);
                break;
            case FaultKind.ChangeNetwork:
                peer.Host.Site.Renumber();
                break;
            case FaultKind.Roam:
                Site before = peer.Host.Site;
                if (before.Nat is null) peer.Host.Site.Renumber();
                else peer.Host.Roam(new Site(world.Network, before.Nat.Profile, world.Fork()));
                break;
            case FaultKind.RebootNat:
                peer.Host.Site.Nat?.Reboot();
                break;
            case FaultKind.Unplug:
                peer.Host.IsOnline = false;
                After(fault, () => peer.Host.IsOnline = true);
                break;
            case FaultKind.BadLink:
                peer.Host.Link = peer.Plan.Link with { Loss = 0.3, Jitter = TimeSpan.FromMilliseconds(200), Duplication = 0.1, Reordering = 0.2 };
                After(fault, () => peer.Host.Link = peer.Plan.Link);
                break;
            case FaultKind.FullDisk:
                peer.NoteDisk(isFailing: true);
                peer.Disk.CapacityBytes = peer.Disk.UsedBytes;
                After(fault, () => { peer.NoteDisk(isFailing: false); peer.Disk.CapacityBytes = long.MaxValue; });
                break;
            case FaultKind.FailingDisk:
                peer.NoteDisk(isFailing: true);
                peer.Disk.Failures = 0.2;
                After(fault, () => { peer.NoteDisk(isFailing: false); peer.Disk.Failures = 0; });
                break;
            case FaultKind.ClockJump:
                peer.Clock.Error = TimeSpan.FromHours(world.Chance.Next(-48, 48));
                break;
        }
    }

    private void After(Fault fault, Action end) => world.Time.Schedule(fault.Lasts, end);
}
