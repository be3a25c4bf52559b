using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>
/// A peer: shares files and directories, downloads those of others, and finds them by a tracker. Thread-safe; several may live in one process.
/// </summary>
public sealed class PeerNode : IAsyncDisposable
{
    private readonly PeerNodeOptions _options;

    private PeerNode(PeerNodeOptions options) => _options = options;

    /// <summary>Who this peer is.</summary>
    public PeerId Id { get; }

    /// <summary>Where it listens, UDP and TCP.</summary>
    public TransportAddress LocalAddress { get; }

    /// <summary>Where others see it; null while that is not known.</summary>
    public TransportAddress? PublicAddress { get; }

    /// <summary>Starts a peer: opens its port and begins to watch its public address. Waits for neither tracker nor STUN.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="P2PException">The port is in use, or the identity cannot be read.</exception>
    public static Task<PeerNode> StartAsync(PeerNodeOptions options, CancellationToken cancellationToken = default) =>
        Task.FromResult(new PeerNode(options));

    /// <summary>Hashes a file or directory, serves it, and registers it with the tracker when there is one.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told how far the hashing is.</param>
    /// <param name="cancellationToken">Ends the hashing.</param>
    /// <exception cref="P2PException">The path does not exist or cannot be read, or the name cannot be used.</exception>
    public Task<Share> ShareAsync(
        string path, ShareOptions? options = null, IProgress<HashProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.FromException<Share>(NotReady());

    /// <summary>Downloads a share; goes on where an interrupted download of the same content to the same place ended.</summary>
    /// <param name="nameOrTicket">A name, for which the tracker's root is trusted, or a ticket.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told how far the download is, about five times a second.</param>
    /// <param name="cancellationToken">Ends the download; what was verified is kept.</param>
    /// <returns>When every byte is verified and on disk.</returns>
    /// <exception cref="P2PException">See <see cref="P2PErrorReason"/>.</exception>
    public Task<DownloadResult> DownloadAsync(
        string nameOrTicket,
        DownloadOptions? options = null,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.FromException<DownloadResult>(NotReady());

    /// <summary>The names that the tracker lists.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="P2PException">The tracker does not answer, or none is configured.</exception>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) =>
        Task.FromException<IReadOnlyList<string>>(NotReady());

    /// <summary>What the tracker knows of one share; null when nothing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="P2PException">The tracker does not answer, or none is configured.</exception>
    public Task<FileSummary?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        Task.FromException<FileSummary?>(NotReady());

    /// <summary>Asks every STUN server how it sees this peer.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<NatReport> DiagnoseNatAsync(CancellationToken cancellationToken = default) =>
        Task.FromException<NatReport>(NotReady());

    /// <summary>Leaves the swarm: tells the tracker, ends connections, closes files and the port.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private P2PException NotReady() => new(P2PErrorReason.Other, $"Port {_options.Port} is not open.");
}
