using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Transfers;

/// <summary>One download from the first question to the finished file. Used once.</summary>
internal sealed class DownloadJob(NodeServices node, DownloadRequest request, DownloadOptions options, IProgress<DownloadProgress>? progress)
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan NoPeersPatience = TimeSpan.FromSeconds(20);

    private readonly MonotonicClock _clock = new(node.Options.TimeProvider);
    private IDownloadContent? _content;
    private ServedShare? _served;
    private MonotonicTime? _firstVerifiedAt;
    private readonly ChunkSet _announced = new();
    private readonly FailedPeers _failed = new(node.Connections.Report);

    /// <summary>What others fetch from us of it, as long as the job runs, and after it when it is to be kept; null when we served it before.</summary>
    public ServedShare? Served => _served;

    /// <summary>The share on disk.</summary>
    public IDownloadContent Content => _content ?? throw new InvalidOperationException("The download has not begun.");

    /// <summary>Told of the session when it begins and ends, so that memory is divided.</summary>
    public Action<DownloadSession, bool>? SessionChanged { get; init; }

    /// <summary>Runs to the end. On failure everything but what was verified is undone.</summary>
    public async Task<DownloadResult> RunAsync(CancellationToken cancellationToken)
    {
        MonotonicTime start = _clock.Now;
        Task address = node.Addresses.RefreshAsync(cancellationToken);
        await using BorrowedTracker? borrowed = node.Tracker is null ? node.ConnectTracker(request.Trackers) : null;
        ITrackerClient? tracker = node.Tracker ?? borrowed?.Client;
        tracker?.KeepPresent();
        node.Traversal.PrepareRelay();
        SwarmListing? listing = await LookupAsync(tracker, cancellationToken).ConfigureAwait(false);
        ShareDescriptor? descriptor = request.Descriptor ?? listing?.Descriptor;
        if (descriptor is null && listing?.Peers.Count > 0 && listing.Peers.All(peer => peer.Id is null) && node.Platform.HasTcp)
        {
            return await new PlainDownload(node, request.TrackerName, TargetPath(request.TrackerName), null).RunAsync(listing.Peers, cancellationToken).ConfigureAwait(false);
        }

        descriptor ??= await new DescriptorProbe(node, request, _failed).RunAsync(cancellationToken).ConfigureAwait(false);
        string target = TargetPath(descriptor.Name);
        if (IsPlainOnly(listing, descriptor))
        {
            return await new PlainDownload(node, request.TrackerName, target, descriptor).RunAsync(listing!.Peers, cancellationToken).ConfigureAwait(false);
        }

        _content = await OpenAsync(descriptor, target, cancellationToken).ConfigureAwait(false);
        bool done = false;
        try
        {
            await address.ConfigureAwait(false);
            BeginServing();
            IReadOnlyList<DownloadPeer> peers = await FetchAsync(tracker, listing, cancellationToken).ConfigureAwait(false);
            await CompleteAsync(cancellationToken).ConfigureAwait(false);
            done = true;
            long fetched = peers.Sum(peer => peer.VerifiedBytes);
            return new DownloadResult(Path.GetFullPath(target), descriptor, fetched, _clock.Now - start, request.Descriptor is null, peers, null)
            {
                FirstVerifiedAfter = _firstVerifiedAt - start,
            };
        }
        finally
        {
            if (!done || !options.KeepSharing) await StopServingAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the sharing and closes the files.</summary>
    public async ValueTask StopServingAsync()
    {
        if (_served is { } served)
        {
            node.Context.Shares.Remove(served);
            node.Tracker?.Withdraw(served.TrackerName);
        }

        if (_content is not null) await _content.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<SwarmListing?> LookupAsync(ITrackerClient? tracker, CancellationToken cancellationToken)
    {
        bool hasOthers = node.DirectPeers.Count > 0 || node.LanPeers.Count > 0;
        if (tracker is null)
        {
            if (request.Descriptor is null && !hasOthers && !node.Options.Lan)
                throw new P2PException(P2PErrorReason.TrackerUnreachable, "No tracker is configured, so a name alone finds nothing.");
            return null;
        }

        try
        {
            SwarmListing listing = await tracker.LookupAsync(request.TrackerName, request.Descriptor?.Root, refresh: false, cancellationToken).ConfigureAwait(false);
            if (listing.Descriptor is null && listing.Peers.Count == 0 && request.Descriptor is null && !hasOthers)
                throw new P2PException(P2PErrorReason.NotFound, $"The tracker knows no '{request.TrackerName}'.");
            return listing;
        }
        catch (P2PException e) when (e.Reason is P2PErrorReason.TrackerUnreachable or P2PErrorReason.TrackerRefused && hasOthers)
        {
            node.Logger.LogWarning("The tracker is of no help: {Reason}", e.Message);
            return null;
        }
    }

    private bool IsPlainOnly(SwarmListing? listing, ShareDescriptor descriptor) =>
        node.Platform.HasTcp && descriptor.Kind == ShareKind.File && request.Secret is null && listing is { Peers.Count: > 0 } && listing.Peers.All(peer => peer.Id is null)
        && node.DirectPeers.Count == 0 && node.LanPeers.Count == 0;

    private string TargetPath(string name)
    {
        if (options.OutputPath is not { } path) return Path.GetFullPath(name);
        return node.Platform.Disk.Find(path) is { IsFolder: true } ? Path.Combine(path, name) : path;
    }

    private async Task<IDownloadContent> OpenAsync(ShareDescriptor descriptor, string target, CancellationToken cancellationToken)
    {
        try
        {
            NodePlatform platform = node.Platform;
            var how = new DownloadTargetOptions { Disk = platform.Disk, Time = node.Options.TimeProvider, Logger = node.Logger, BootId = platform.BootId ?? KernelBoot.ReadId() };
            return platform.WatchDownload(await DownloadTarget.OpenAsync(descriptor, target, how, null, cancellationToken).ConfigureAwait(false));
        }
        catch (StorageException e)
        {
            throw StorageErrors.ToP2P(e);
        }
    }

    private void BeginServing()
    {
        var served = new ServedShare(Content, request.TrackerName, request.Secret)
        {
            Uploads = new RateLimiter(options.UploadLimitBitsPerSecond, node.Options.TimeProvider),
        };
        if (!node.Context.Shares.TryAdd(served)) return;   // we share it, or something else of that name, already
        _served = served;
        if (Content.VerifiedCount > 0) Announce(Content.SnapshotVerified().ToChunkSet());
    }

    private void Announce(ChunkSet verified)
    {
        if (_served is not { } served) return;
        served.Announce(verified.Runs);
        _announced.UnionWith(verified);
        node.Tracker?.Announce(ShareRegistration.Of(served, _announced));
    }

    private async Task<IReadOnlyList<DownloadPeer>> FetchAsync(ITrackerClient? tracker, SwarmListing? listing, CancellationToken cancellationToken)
    {
        PeerFinder? finder = null;
        var session = new DownloadSession(Content, new DownloadSessionOptions
        {
            Limits = new SwarmLimits { BudgetBytes = node.Options.MaxBytesInFlight },
            Random = node.NewRandom(),
            TimeProvider = node.Options.TimeProvider,
            Logger = node.Logger,
            Metrics = node.Metrics,
            Downloads = new RateLimiter(options.DownloadLimitBitsPerSecond, node.Options.TimeProvider),
            OnVerified = Announce,
            OnRefresh = () => finder?.Refresh(),
            OnBanned = connection => node.Connections.Ban(connection.RemoteId),
            OnFailed = _failed.Add,
        });
        await using (session)
        {
            finder = new PeerFinder(node, request, Content.Descriptor.Root, tracker, connection => Use(session, connection), session.Contains, _failed);
            await using (finder)
            {
                SessionChanged?.Invoke(session, true);
                node.Connections.Adopted += LeaveRelayFor;
                try
                {
                    session.Start();
                    finder.Add(listing?.Peers ?? []);
                    await WaitAsync(session, finder, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    node.Connections.Adopted -= LeaveRelayFor;
                    SessionChanged?.Invoke(session, false);
                }
            }
        }

        _firstVerifiedAt = session.FirstVerifiedAt;
        return session.Contributions.ToList();

        void LeaveRelayFor(PeerConnection direct) => LeaveRelay(session, direct);
    }

    private bool Use(DownloadSession session, PeerConnection connection)
    {
        Span<byte> proof = stackalloc byte[ShareSecret.ProofSizeInBytes];
        return session.Add(connection, request.TrackerName, request.ProofFor(node.Context.Self, connection.RemoteId, proof)) is not null;
    }

    // What came by the relay stays; the rest comes the direct way.
    private void LeaveRelay(DownloadSession session, PeerConnection direct)
    {
        if (direct.Path is not null || session.LeaveRelay(direct.RemoteId) is not { } relayed) return;
        if (Use(session, direct)) relayed.Abort("there is a direct way");
    }

    private async Task WaitAsync(DownloadSession session, PeerFinder finder, CancellationToken cancellationToken)
    {
        var report = new ProgressReport(Content, progress, _clock);
        try
        {
            while (true)
            {
                Task tick = Task.Delay(TickPeriod, node.Options.TimeProvider, cancellationToken);
                bool isDone = await Task.WhenAny(session.Completion, tick).ConfigureAwait(false) == session.Completion;
                report.Send(session);
                if (isDone)
                {
                    await session.Completion.ConfigureAwait(false);
                    return;
                }

                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfHopeless(session, finder);
            }
        }
        catch (StorageException e)
        {
            throw StorageErrors.ToP2P(e);
        }
    }

    private void ThrowIfHopeless(DownloadSession session, PeerFinder finder)
    {
        TimeSpan idle = session.SinceProgress;
        if (idle > node.Options.StallTimeout) throw _failed.ToException(P2PErrorReason.NoPeers, $"Nothing has come for {idle.TotalSeconds:F0} s.");
        if (session.PeerCount > 0 || finder.IsBusy || finder.RoundsDone == 0) return;
        if (session.Refusals > 0) throw _failed.ToException(P2PErrorReason.Refused, "Every peer that could be reached refuses to give it.");
        TimeSpan patience = NoPeersPatience < node.Options.StallTimeout ? NoPeersPatience : node.Options.StallTimeout;
        if (idle < patience) return;
        string why = finder.CandidateCount == 0 ? "Nobody is known to have it." : "No peer can be reached.";
        throw _failed.ToException(session.Bans > 0 ? P2PErrorReason.Corrupt : P2PErrorReason.NoPeers, why);
    }

    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Content.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw StorageErrors.ToP2P(e);
        }
    }
}
