using CS3103P2P.Peer;

namespace CS3103P2P.Simulation;

/// <summary>A download as a person would go about it: by name or by ticket, tried again until it is there.</summary>
internal sealed class SimulatedDownload(World world, SimulatedPeer peer, PeerProcess process, SharedFact fact)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NoTicketYet = TimeSpan.FromSeconds(1);
    private readonly bool _byTicket = fact.IsPrivate || !peer.Plan.HasTracker || world.Chance.Next(3) == 0;

    public async Task RunAsync()
    {
        while (!process.IsDead)
        {
            string? what = _byTicket ? fact.Ticket : fact.Name;
            if (what is null)
            {
                await Task.Delay(NoTicketYet, process.Clock).ConfigureAwait(false);
                continue;
            }

            try
            {
                var options = new DownloadOptions { OutputPath = SimulatedPeer.Folder, KeepSharing = true };
                DownloadResult result = await process.Node.DownloadAsync(what, options).ConfigureAwait(false);
                if (process.IsDead) return;
                Finish(result);
                return;
            }
            catch (P2PException e)
            {
                world.Trace.Note(peer.Name, $"{fact.Name}: {e.Reason}: {e.Message}");
            }
            catch (Exception e) when (peer.IsLeaving && e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            await Task.Delay(RetryAfter, process.Clock).ConfigureAwait(false);
        }
    }

    private void Finish(DownloadResult result)
    {
        foreach ((string path, byte[] content) in fact.Files)
        {
            string place = SimulatedPeer.PathOfTarget(fact) + (path.Length == 0 ? string.Empty : "/" + path);
            if (!peer.Disk.Holds(place, content)) world.Violate("a finished file equals the original", $"{peer.Name}: {place}");
        }

        peer.Finished.TryAdd(fact, world.Time.Now);
        world.Trace.Add(peer.Name, $"has {fact.Name}");
        process.NoteComplete(fact, fact.TrackerNameOf(result.Share!.Ticket));
    }
}
