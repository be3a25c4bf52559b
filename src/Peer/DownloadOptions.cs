namespace CS3103P2P.Peer;

/// <summary>How something is downloaded.</summary>
public sealed class DownloadOptions
{
    /// <summary>Where it goes: a file or directory to make, or an existing directory to put it in; null (the default) for its name in the
    /// current directory.</summary>
    public string? OutputPath { get; set; }

    /// <summary>Whether to go on sharing it when it is complete, until the node ends. Default: false.</summary>
    public bool KeepSharing { get; set; }

    /// <summary>Most bits per second to fetch of it, from all peers together, beside what <see cref="PeerNodeOptions.DownloadLimitBitsPerSecond"/>
    /// says of all downloads; null (the default) for no limit. At least <see cref="PeerNodeOptions.MinLimitBitsPerSecond"/>.</summary>
    public long? DownloadLimitBitsPerSecond { get; set; }

    /// <summary>Most bits per second to send of it to others, while it is fetched and, with <see cref="KeepSharing"/>, after; null (the default)
    /// for no limit. At least <see cref="PeerNodeOptions.MinLimitBitsPerSecond"/>.</summary>
    public long? UploadLimitBitsPerSecond { get; set; }
}
