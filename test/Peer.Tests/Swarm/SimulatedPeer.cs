using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Swarm;

/// <summary>How a peer of <see cref="SwarmSimulation"/> behaves.</summary>
internal sealed class SimulatedPeer
{
    public required ChunkSet Chunks { get; init; }

    public double BytesPerSecond { get; init; } = 1e6;

    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Probability that a chunk is wrong.</summary>
    public double CorruptRate { get; init; }

    /// <summary>Probability that a request is refused as too much.</summary>
    public double BusyRate { get; init; }

    /// <summary>Probability that a request is refused as not there.</summary>
    public double RefuseRate { get; init; }

    /// <summary>Whether hashes are wrong.</summary>
    public bool LiesAboutHashes { get; init; }

    /// <summary>After how many chunks it goes silent; the connection stays.</summary>
    public int SilentAfter { get; init; } = int.MaxValue;

    /// <summary>After how many chunks its connection ends.</summary>
    public int DiesAfter { get; init; } = int.MaxValue;

    public int Given { get; set; }

    public bool IsBanned { get; set; }

    public bool IsGone { get; set; }

    public MonotonicTime FreeAt { get; set; }

    public HashSet<int> Owed { get; } = [];
}
