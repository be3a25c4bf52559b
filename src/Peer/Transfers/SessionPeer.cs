using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>A peer that a <see cref="DownloadSession"/> fetches from. Guarded by the session's gate.</summary>
internal sealed class SessionPeer(int number, FetchChannel channel)
{
    /// <summary>Most runs of chunks kept for a peer while the manifest is not there.</summary>
    public const int MaxEarlyRuns = 65_536;

    public int Number { get; } = number;

    public FetchChannel Channel { get; } = channel;

    /// <summary>Whether it said that it has this very share.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the machine knows it.</summary>
    public bool IsInMachine { get; set; }

    /// <summary>What it has, as long as the download cannot take it yet.</summary>
    public ChunkSet EarlyHave { get; } = new();

    /// <summary>Whether requests wait for <see cref="FetchChannel.Flush"/>.</summary>
    public bool IsTouched { get; set; }
}
