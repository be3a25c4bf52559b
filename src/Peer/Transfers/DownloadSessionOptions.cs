using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Transfers;

/// <summary>What a <see cref="DownloadSession"/> works with.</summary>
internal sealed record DownloadSessionOptions
{
    /// <summary>The bounds of the download.</summary>
    public SwarmLimits Limits { get; init; } = new();

    /// <summary>The source of chance of the picker.</summary>
    public required Random Random { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    public required PeerMetrics Metrics { get; init; }

    /// <summary>Holds what comes to a rate, beside that of the node.</summary>
    public RateLimiter Downloads { get; init; } = RateLimiter.None;

    /// <summary>Called, batched, with chunks that were verified; the set is good until the call returns.</summary>
    public Action<ChunkSet>? OnVerified { get; init; }

    /// <summary>Called when a fresh list of peers is wanted.</summary>
    public Action? OnRefresh { get; init; }

    /// <summary>Called when a peer lied and must not be used again.</summary>
    public Action<PeerConnection>? OnBanned { get; init; }

    /// <summary>Called when a peer was reached and is of no use, with the session's lock held.</summary>
    public Action<ConnectFailure>? OnFailed { get; init; }
}
