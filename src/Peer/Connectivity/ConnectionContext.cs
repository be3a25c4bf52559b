using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>What all connections of a node share.</summary>
internal sealed record ConnectionContext
{
    /// <summary>Who we are.</summary>
    public required PeerId Self { get; init; }

    /// <summary>Where we listen.</summary>
    public required ushort ListenPort { get; init; }

    /// <summary>What we serve.</summary>
    public required ShareTable Shares { get; init; }

    public required RateLimiter Uploads { get; init; }

    public required RateLimiter Downloads { get; init; }

    public required PeerMetrics Metrics { get; init; }

    /// <summary>Where data is gathered before it is sent.</summary>
    public ChunkBufferPool SendBuffers { get; } = new(ConnectionLimits.SendBufferBytes, ConnectionLimits.MaxSpareSendBytes, firstBuffers: 0);

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }
}
