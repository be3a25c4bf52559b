namespace CS3103P2P.Peer;

/// <summary>How something is shared.</summary>
public sealed class ShareOptions
{
    /// <summary>The name; null (the default) for that of the file or directory.</summary>
    public string? Name { get; set; }

    /// <summary>Bytes in a chunk: a power of two from 2,048 to 16 MiB; null (the default) to choose by size. Programs that know only the plain
    /// exchange count on 2,048.</summary>
    public int? ChunkSize { get; set; }

    /// <summary>Whether only those who have the ticket may learn of it or fetch it. Default: false.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>Most bits per second to send of it, to all peers together, beside what <see cref="PeerNodeOptions.UploadLimitBitsPerSecond"/> says
    /// of all shares; null (the default) for no limit. At least <see cref="PeerNodeOptions.MinLimitBitsPerSecond"/>.</summary>
    public long? UploadLimitBitsPerSecond { get; set; }
}
