namespace CS3103P2P.Simulation;

/// <summary>Makes things go wrong, and right again.</summary>
internal sealed class FaultRunner(World world, Swarm swarm)
{
    public void Schedule(Fault fault)
    {
        if (fault.Kind == FaultKind.RestartTracker) world.Time.Schedule(fault.At, () => RestartTracker(fault));
        else if (swarm.Find(fault.Peer) is { } peer) world.Time.Schedule(fault.At, () => Begin(fault, peer));
    }

    private void RestartTracker(Fault fault)
    {
        world.Trace.Add("tracker", "stops");
        swarm.Tracker.Stop();
        world.Time.Schedule(fault.Lasts, () =>
        {
            world.Trace.Add("tracker", "starts");
            if (swarm.Tracker.Core is null) swarm.Tracker.Start();
        });
    }

    private void Begin(Fault fault, SimulatedPeer peer)
    {
        world.Trace.Add(peer.Name, $"suffers {fault.Kind}");
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
                After(fault, () => { peer.Host.IsAsleep = false; world.Touch(peer.Host); });
                break;
            case FaultKind.ChangeNetwork:
                peer.Host.Renumber();
                break;
            case FaultKind.RebootNat:
                peer.Host.Nat?.Reboot();
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
