using CS3103P2P.Peer;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>A download from the question to the tracker up to the finished file; tried again when the disk fails, as a person would.</summary>
internal sealed class SimulatedDownload(World world, SimulatedPeer peer, PeerProgram program, SharedFact fact)
{
    private const int MaxPeers = 8;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(6);
    private readonly Random _random = world.Fork();
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task RunAsync()
    {
        while (!program.Stopping.IsCancellationRequested)
        {
            try
            {
                SwarmListing? listing = await program.Tracker.LookupAsync(fact.Name, isUpdate: false).ConfigureAwait(false);
                if (program.Stopping.IsCancellationRequested) return;
                if (listing?.Descriptor is { } descriptor && descriptor.Root == fact.Descriptor?.Root)
                {
                    await DownloadAsync(descriptor, listing).ConfigureAwait(false);
                    return;
                }
            }
            catch (StorageException e) when (e.Reason is StorageErrorReason.DiskFull or StorageErrorReason.IoError)
            {
                world.Trace.Note(peer.Name, $"{fact.Name}: {e.Message}");
            }

            await Task.Delay(RetryAfter, world.Time, program.Stopping).ConfigureAwait(false);
        }
    }

    private async Task DownloadAsync(ShareDescriptor descriptor, SwarmListing listing)
    {
        WatchedContent content = await program.OpenTargetAsync(fact, descriptor).ConfigureAwait(false);
        ServedShare? served = null;
        DownloadSession? session = null;
        bool isDone = false;
        try
        {
            program.Stopping.ThrowIfCancellationRequested();
            served = program.Serve(content);
            session = new DownloadSession(content, program.SessionOptions(chunks => Tell(served, content, chunks), Want));
            session.Start();
            await FetchAsync(session, listing).ConfigureAwait(false);
            await content.CompleteAsync(program.Stopping).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            if (session is not null) await session.DisposeAsync().ConfigureAwait(false);
            if (!isDone)
            {
                if (served is not null) program.Shares.Remove(served);
                await content.DisposeAsync().ConfigureAwait(false);
            }
        }

        Finish(content);
    }

    private async Task FetchAsync(DownloadSession session, SwarmListing listing)
    {
        while (!session.Completion.IsCompleted)
        {
            program.Stopping.ThrowIfCancellationRequested();
            foreach (SwarmPeer source in Shuffled(listing.Peers).Where(source => source.Id is { } id && !session.Contains(id)).Take(MaxPeers))
            {
                _ = AddAsync(session, source);
            }

            _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await Task.WhenAny(session.Completion, _wanted.Task, Task.Delay(LookEvery, world.Time, program.Stopping)).ConfigureAwait(false);
            if (session.Completion.IsCompleted) break;
            listing = await program.Tracker.LookupAsync(fact.Name, isUpdate: true).ConfigureAwait(false) ?? listing;
        }

        await session.Completion.ConfigureAwait(false);
    }

    private async Task AddAsync(DownloadSession session, SwarmPeer source)
    {
        if (await program.ConnectAsync(source.Address, source.Id).ConfigureAwait(false) is { } connection) session.Add(connection, fact.Name, default);
    }

    private SwarmPeer[] Shuffled(IReadOnlyList<SwarmPeer> peers)
    {
        SwarmPeer[] all = [.. peers];
        _random.Shuffle(all);
        return all;
    }

    private void Tell(ServedShare served, WatchedContent content, ChunkSet chunks)
    {
        served.Announce(chunks.Runs);
        program.Register(content);
    }

    private void Want() => _wanted.TrySetResult();

    private void Finish(WatchedContent content)
    {
        if (program.Stopping.IsCancellationRequested) return;
        byte[]? bytes = peer.Disk.Read(SimulatedPeer.PathOfTarget(fact));
        if (bytes is null || !bytes.AsSpan().SequenceEqual(fact.Content)) world.Violate("a finished file equals the original", $"{peer.Name}: {fact.Name}");
        peer.Finished.TryAdd(fact, world.Time.Now);
        world.Trace.Add(peer.Name, $"has {fact.Name}");
        program.Register(content);
    }
}
