using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer;

/// <summary>What a node takes from the machine that it runs on, beside the time. A seam, so that a simulator can stand in for the machine.</summary>
internal sealed class NodePlatform
{
    /// <summary>Sockets, addresses, chance.</summary>
    public IHostNetwork Network { get; init; } = SystemNetwork.Instance;

    /// <summary>Whether peers are dialled and accepted by TCP.</summary>
    public bool HasTcp { get; init; } = true;

    /// <summary>The file system.</summary>
    public IDisk Disk { get; init; } = new LocalDisk();

    /// <summary>Names the running kernel; null: the system says.</summary>
    public Guid? BootId { get; init; }

    /// <summary>Proves keys and encrypts; null: TLS with the key that the options name.</summary>
    public IPeerSecurity? Security { get; init; }

    /// <summary>Sees what is shared before anybody else does.</summary>
    public Func<IShareContent, IShareContent> WatchShare { get; init; } = content => content;

    /// <summary>Sees what is downloaded before anybody else does.</summary>
    public Func<IDownloadContent, IDownloadContent> WatchDownload { get; init; } = content => content;
}
