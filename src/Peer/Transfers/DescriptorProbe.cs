using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>Asks peers that are known without a tracker what a share of a given name is; the first answer counts.</summary>
internal sealed class DescriptorProbe(NodeServices node, DownloadRequest request, FailedPeers failed) : IFetchListener
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LanPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LanPeriod = TimeSpan.FromMilliseconds(200);
    private readonly TaskCompletionSource<ShareDescriptor> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reached;

    /// <summary>Asks all of them.</summary>
    /// <exception cref="P2PException">Nobody has it.</exception>
    public async Task<ShareDescriptor> RunAsync(CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (node.Options.Lan && node.DirectPeers.Count == 0) await WaitForLanAsync(cancellationToken).ConfigureAwait(false);
        var asked = new List<Task>();
        foreach (TransportAddress address in node.DirectPeers) asked.Add(AskAsync(address, null, bounded.Token));
        foreach (LanPeer peer in node.LanPeers) asked.AddRange(peer.Addresses.Select(address => AskAsync(address, peer.Id, bounded.Token)));
        Task all = Task.WhenAll(asked);
        await Task.WhenAny(_answer.Task, all).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        await bounded.CancelAsync().ConfigureAwait(false);
        await all.ConfigureAwait(false);
        if (_answer.Task.IsCompletedSuccessfully) return await _answer.Task.ConfigureAwait(false);
        throw _reached > 0
            ? failed.ToException(P2PErrorReason.NotFound, $"No peer that could be reached has '{request.TrackerName}'.")
            : failed.ToException(P2PErrorReason.NoPeers, "No peer could be reached.");
    }

    ChunkBufferPool IFetchListener.Buffers { get; } = new(0, 0, 0);

    void IFetchListener.OnInfo(FetchChannel channel, ShareDescriptor? descriptor)
    {
        if (descriptor is not null) _answer.TrySetResult(descriptor);
    }

    void IFetchListener.OnHave(FetchChannel channel, in HaveMessage have)
    {
    }

    void IFetchListener.OnMetadata(FetchChannel channel, MetadataKey key, ReadOnlySpan<byte> data)
    {
    }

    void IFetchListener.OnRefused(FetchChannel channel, RefusalReason reason, int? chunk) => Ended(channel);

    void IFetchListener.OnBytes(FetchChannel channel, int bytes)
    {
    }

    void IFetchListener.OnChunk(FetchChannel channel, int chunk, Memory<byte> buffer, int length)
    {
    }

    void IFetchListener.OnClosed(FetchChannel channel, string reason) => Ended(channel);

    private readonly Dictionary<FetchChannel, TaskCompletionSource> _waiting = [];

    private void Ended(FetchChannel channel)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(channel, out TaskCompletionSource? waiter)) waiter.TrySetResult();
        }
    }

    private async Task WaitForLanAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LanPeriod, node.Options.TimeProvider);
        for (TimeSpan waited = TimeSpan.Zero; waited < LanPatience && node.LanPeers.Count == 0; waited += LanPeriod)
        {
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(TransportAddress address, PeerId? id, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            ConnectOutcome outcome = await node.Connections.GetAsync(address, id, besideIce: false, cancellationToken).ConfigureAwait(false);
            if (outcome.Failure is { } failure) failed.Add(failure);
            if (outcome.Connection is not { } connection) return;
            Interlocked.Increment(ref _reached);
            byte[] buffer = new byte[ShareSecret.ProofSizeInBytes];
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (connection.Fetch.Open(this, request.TrackerName, null, request.ProofFor(node.Context.Self, connection.RemoteId, buffer)) is not { } channel) return;
            lock (_waiting) _waiting.Add(channel, ended);
            Task timeout = Task.Delay(AnswerTimeout, node.Options.TimeProvider, cancellationToken);
            await Task.WhenAny(_answer.Task, ended.Task, connection.Completion, timeout).ConfigureAwait(false);
            channel.Close();
        }
        catch (OperationCanceledException)
        {
            return;   // another answered first
        }
    }
}
