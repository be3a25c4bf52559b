using System.Diagnostics;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Hosting;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer;

/// <summary>
/// A peer: shares files and directories, downloads those of others, and finds them by a tracker. Thread-safe; several may live in one process.
/// </summary>
public sealed class PeerNode : IAsyncDisposable
{
    private readonly NodeServices _node;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<Share, Func<ValueTask>> _shares = [];
    private readonly List<DownloadSession> _sessions = [];
    private readonly HashSet<Task> _downloads = [];
    private bool _isDisposed;

    private PeerNode(NodeServices node)
    {
        _node = node;
        node.Connections.PathChanged += path => PathChanged?.Invoke(path);
        node.Connections.Failed += failure => ConnectFailed?.Invoke(failure);
    }

    /// <summary>Is called, on a pool thread and one at a time, when a peer is connected and whenever data to it takes another way.</summary>
    public event Action<PeerPath>? PathChanged;

    /// <summary>
    /// Is called, on a pool thread and one at a time, when a peer cannot be reached or is of no use, once for each reason that a download meets with a peer;
    /// also when a connection that only the peer asked for does not come about.
    /// </summary>
    public event Action<ConnectFailure>? ConnectFailed;

    /// <summary>Who this peer is.</summary>
    public PeerId Id => _node.Context.Self;

    /// <summary>Where it listens, UDP and TCP.</summary>
    public TransportAddress LocalAddress => _node.LocalAddress;

    /// <summary>Where others see it; null while that is not known.</summary>
    public TransportAddress? PublicAddress => _node.PublicAddress;

    /// <summary>Starts a peer: opens its port and begins to watch its public address. Waits for neither tracker nor STUN.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="P2PException">The port is in use, or the identity cannot be read.</exception>
    public static async Task<PeerNode> StartAsync(PeerNodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] errors = [.. PeerNodeOptionsValidator.Errors(options)];
        if (errors.Length > 0) throw new ArgumentException(string.Join(' ', errors), nameof(options));
        cancellationToken.ThrowIfCancellationRequested();
        return new PeerNode(await NodeServices.StartAsync(options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Hashes a file or directory, serves it, and registers it with the tracker when there is one.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told how far the hashing is.</param>
    /// <param name="cancellationToken">Ends the hashing.</param>
    /// <exception cref="ArgumentException">The chunk size is not a power of two from 2,048 to 16 MiB.</exception>
    /// <exception cref="P2PException">The path does not exist or cannot be read, or the name cannot be used.</exception>
    public async Task<Share> ShareAsync(
        string path, ShareOptions? options = null, IProgress<HashProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ShareOptions();
        if (options.ChunkSize is { } size && !ChunkSize.IsValid(size)) throw new ArgumentException($"{size} is no chunk size.", nameof(options));
        CheckLimit(options.UploadLimitBitsPerSecond);
        using CancellationTokenSource linked = Link(cancellationToken);
        using Activity? activity = _node.Metrics.Activities.StartActivity("p2p.share");
        string name = options.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (!ShareName.IsValid(name)) throw new P2PException(P2PErrorReason.InvalidName, $"'{name}' cannot be the name of a share.");
        Task address = _node.Addresses.RefreshAsync(linked.Token);
        IShareContent content;
        try
        {
            content = _node.Platform.WatchShare(await SharedContent.CreateAsync(_node.Platform.Disk, path, name, options.ChunkSize, progress, linked.Token).ConfigureAwait(false));
            await address.ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw StorageErrors.ToP2P(e);
        }

        ShareSecret? secret = options.IsPrivate ? NewSecret() : null;
        var served = new ServedShare(content, secret?.DeriveTrackerName() ?? name, secret)
        {
            Uploads = new RateLimiter(options.UploadLimitBitsPerSecond, _node.Options.TimeProvider),
        };
        if (!_node.Context.Shares.TryAdd(served))
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw new P2PException(P2PErrorReason.InvalidName, $"Something is shared as '{name}' already.");
        }

        try
        {
            await RegisterAsync(served, content, linked.Token).ConfigureAwait(false);
        }
        catch
        {
            await StopServingAsync().ConfigureAwait(false);
            throw;
        }

        return AddShare(served, StopServingAsync);

        async ValueTask StopServingAsync()
        {
            _node.Context.Shares.Remove(served);
            _node.Tracker?.Withdraw(served.TrackerName);
            await content.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Downloads a share; goes on where an interrupted download of the same content to the same place ended.</summary>
    /// <param name="nameOrTicket">A name, for which the tracker's root is trusted, or a ticket.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told how far the download is, about five times a second.</param>
    /// <param name="cancellationToken">Ends the download; what was verified is kept.</param>
    /// <returns>When every byte is verified and on disk.</returns>
    /// <exception cref="P2PException">See <see cref="P2PErrorReason"/>.</exception>
    public async Task<DownloadResult> DownloadAsync(
        string nameOrTicket,
        DownloadOptions? options = null,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrTicket);
        options ??= new DownloadOptions();
        CheckLimit(options.DownloadLimitBitsPerSecond);
        CheckLimit(options.UploadLimitBitsPerSecond);
        DownloadRequest request = DownloadRequest.Parse(nameOrTicket);
        using CancellationTokenSource linked = Link(cancellationToken);
        using Activity? activity = _node.Metrics.Activities.StartActivity("p2p.download");
        var job = new DownloadJob(_node, request, options, progress) { SessionChanged = DivideMemory };
        Task<DownloadResult> running = job.RunAsync(linked.Token);
        lock (_gate) _downloads.Add(running);
        try
        {
            DownloadResult result = await running.ConfigureAwait(false);
            if (!options.KeepSharing || job.Served is not { } served) return result;
            return result with { Share = AddShare(served, job.StopServingAsync) };
        }
        finally
        {
            lock (_gate) _downloads.Remove(running);
        }
    }

    /// <summary>The names that the tracker lists.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="P2PException">The tracker does not answer, or none is configured.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) =>
        await Tracker.ListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>What the tracker knows of one share; null when nothing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="P2PException">The tracker does not answer, or none is configured.</exception>
    public async Task<FileSummary?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        if (!ShareName.IsValid(name)) throw new P2PException(P2PErrorReason.InvalidName, $"'{name}' cannot be the name of a share.");
        return await Tracker.FindAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds out how this machine stands towards others: its NATs, firewalls and router. No node need run; the tests use sockets of their own.</summary>
    /// <param name="options">Of them, the STUN servers and trackers count.</param>
    /// <param name="longestLifetime">How long a pause to try, at most, in measuring how long mappings live; see <see cref="NatDiagnosisOptions.LongestLifetime"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static Task<NatReport> DiagnoseNatAsync(PeerNodeOptions options, TimeSpan? longestLifetime = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return NatDiagnosis.RunAsync(new NatDiagnosisOptions { Servers = AddressWatch.ServersOf(options), LongestLifetime = longestLifetime }, cancellationToken);
    }

    /// <summary>Leaves the swarm: ends downloads, tells the tracker, ends connections, closes files and the port.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] downloads;
        Func<ValueTask>[] shares;
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            downloads = [.. _downloads];
            shares = [.. _shares.Values];
            _shares.Clear();
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(downloads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _node.DisposeAsync().ConfigureAwait(false);
        foreach (Func<ValueTask> stop in shares) await stop().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>The parts of the node.</summary>
    internal NodeServices Services => _node;

    private ITrackerClient Tracker =>
        _node.Tracker ?? throw new P2PException(P2PErrorReason.TrackerUnreachable, "No tracker is configured.");

    // A share without a tracker still serves those who find it otherwise, and is registered as soon as the tracker is back.
    private async Task RegisterAsync(ServedShare served, IShareContent content, CancellationToken cancellationToken)
    {
        if (_node.Tracker is not { } tracker) return;
        if (_node.Addresses.Current is null) _node.Traversal.PrepareRelay();   // UDP may be blocked: then whoever wants the share needs the relay
        tracker.KeepPresent();   // so that it passes offers on, and tells of its relay before that is needed
        tracker.Announce(ShareRegistration.Of(served, content.SnapshotVerified().ToChunkSet()));
        if (await tracker.WaitUntilRegisteredAsync(served.TrackerName, cancellationToken).ConfigureAwait(false)) return;
        _node.Logger.LogWarning(
            "The tracker {Tracker} has not registered {Name} yet; this peer serves it and goes on trying.", _node.Options.AllTrackers[0], served.Content.Descriptor.Name);
    }

    private ShareSecret NewSecret()
    {
        byte[] secret = new byte[ShareSecret.SizeInBytes];
        _node.Platform.Network.Chance.NextBytes(secret);
        return new ShareSecret(secret);
    }

    private CancellationTokenSource Link(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        }
    }

    private static void CheckLimit(long? bitsPerSecond)
    {
        if (bitsPerSecond < PeerNodeOptions.MinLimitBitsPerSecond)
            throw new ArgumentException($"A rate must be at least {PeerNodeOptions.MinLimitBitsPerSecond} bits per second, not {bitsPerSecond}.");
    }

    private Share AddShare(ServedShare served, Func<ValueTask> stop)
    {
        IReadOnlyList<string> trackers = _node.Options.AllTrackers;
        string ticket = new ShareTicket(served.Content.Descriptor, trackers, served.Secret).ToTicketText();
        var share = new Share(served.Content.Descriptor, ticket, served.Secret is not null, StopAsync);
        lock (_gate) _shares.Add(share, stop);
        return share;
    }

    private async ValueTask StopAsync(Share share)
    {
        Func<ValueTask>? stop;
        lock (_gate) _shares.Remove(share, out stop);
        if (stop is not null) await stop().ConfigureAwait(false);
    }

    private void DivideMemory(DownloadSession session, bool isRunning)
    {
        lock (_gate)
        {
            if (isRunning) _sessions.Add(session);
            else _sessions.Remove(session);
            foreach (DownloadSession other in _sessions) other.SetBudget(_node.Options.MaxBytesInFlight / _sessions.Count);
        }
    }
}
