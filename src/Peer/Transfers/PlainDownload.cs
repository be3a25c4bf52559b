using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Transfers;

/// <summary>
/// Fetches a file by the plain exchange, from programs that know nothing else: chunk after chunk, until one says that it is the last. What came
/// is verified as a whole when the tracker knows the root; otherwise there is nothing to verify it by.
/// </summary>
internal sealed class PlainDownload(NodeServices node, string name, string target, ShareDescriptor? expected)
{
    private const string PartialSuffix = ".p2p-plain";
    private const int MaxFailures = 8;
    private static readonly TimeSpan ChunkTimeout = TimeSpan.FromSeconds(15);
    private readonly MonotonicClock _clock = new(node.Options.TimeProvider);
    private readonly Contributions _contributions = new();
    private readonly FailedPeers _failed = new(node.Connections.Report);

    /// <summary>Runs to the end.</summary>
    /// <exception cref="P2PException">Nobody gives it, it is not what it should be, or the disk failed.</exception>
    public async Task<DownloadResult> RunAsync(IReadOnlyList<SwarmPeer> peers, CancellationToken cancellationToken)
    {
        MonotonicTime start = _clock.Now;
        string path = Path.GetFullPath(target);
        if (Path.Exists(path)) throw new P2PException(P2PErrorReason.TargetExists, $"'{path}' exists already.");
        string partial = path + PartialSuffix;
        try
        {
            await FetchAsync(partial, [.. peers.Select(peer => peer.Address).Distinct()], cancellationToken).ConfigureAwait(false);
            ShareDescriptor descriptor = await DescribeAsync(partial, cancellationToken).ConfigureAwait(false);
            if (expected is not null && descriptor.Root != expected.Root) throw new P2PException(P2PErrorReason.Corrupt, $"What came as '{name}' does not match its root.");
            File.Move(partial, path);
            return new DownloadResult(path, descriptor, _contributions.TotalBytes, _clock.Now - start, TrustedTracker: true, _contributions.ToList(), null);
        }
        catch (StorageException e)
        {
            throw StorageErrors.ToP2P(e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new P2PException(e is UnauthorizedAccessException ? P2PErrorReason.PermissionDenied : P2PErrorReason.StorageFailed, e.Message, e);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async Task<ShareDescriptor> DescribeAsync(string partial, CancellationToken cancellationToken)
    {
        SharedContent content = await SharedContent.CreateAsync(
            new LocalDisk(), partial, expected?.Name ?? name, expected?.ChunkSize, null, cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            return content.Descriptor;
        }
    }

    private async Task FetchAsync(string partial, IReadOnlyList<TransportAddress> peers, CancellationToken cancellationToken)
    {
        FileStream file = File.Create(partial);
        await using (file.ConfigureAwait(false))
        {
            PlainClient? client = null;
            int failures = 0;
            int peer = 0;
            try
            {
                for (int chunk = 0; ;)
                {
                    try
                    {
                        client ??= await BoundedAsync(token => PlainClient.ConnectAsync(peers[peer], token), cancellationToken).ConfigureAwait(false);
                        PlainClient current = client;
                        int wanted = chunk;
                        PlainChunk? got = await BoundedAsync(token => current.FetchAsync(name, wanted, token), cancellationToken).ConfigureAwait(false);
                        if (got is null) throw new EndOfStreamException($"{peers[peer]} does not have chunk {chunk}.");
                        failures = 0;
                        _contributions.Add(null, peers[peer], "plain", got.Data.Length);
                        await WriteAsync(file, got.Data, cancellationToken).ConfigureAwait(false);
                        chunk++;
                        if (got.IsLast) return;
                    }
                    catch (Exception e) when (e is IOException or TimeoutException)
                    {
                        node.Logger.LogInformation("Chunk {Chunk} did not come: {Reason}", chunk, e.Message);
                        if (client is null) _failed.Add(ConnectFailures.Of(null, peers[peer], e));
                        if (client is not null) await client.DisposeAsync().ConfigureAwait(false);
                        client = null;
                        peer = (peer + 1) % peers.Count;
                        if (++failures >= Math.Max(MaxFailures, peers.Count)) throw _failed.ToException(P2PErrorReason.NoPeers, $"Nobody gives '{name}': {e.Message}", e);
                    }
                }
            }
            finally
            {
                if (client is not null) await client.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static async Task WriteAsync(FileStream file, byte[] data, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new P2PException(P2PErrorReason.StorageFailed, e.Message, e);
        }
    }

    private async Task<T> BoundedAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> running = work(bounded.Token);
        try
        {
            return await running.WaitAsync(ChunkTimeout, node.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await bounded.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
