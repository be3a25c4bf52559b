namespace CS3103P2P.Peer.Connectivity;

/// <summary>What bounds one connection with a peer.</summary>
internal static class ConnectionLimits
{
    /// <summary>Shares that one peer may have open with us, and we with it, at once.</summary>
    public const int MaxChannels = 64;

    /// <summary>Pieces that a peer may have asked for and not yet been sent.</summary>
    public const int MaxQueuedBlocks = 2048;

    /// <summary>Frames other than data that wait to be sent; a peer that lets more pile up is cut.</summary>
    public const int MaxQueuedFrames = 8192;

    /// <summary>Their bytes.</summary>
    public const int MaxQueuedFrameBytes = 8 * 1024 * 1024;

    /// <summary>Frames that a peer may send in one second on average; one that floods is cut.</summary>
    public const int MaxFramesPerSecond = 5_000;

    /// <summary>Frames that it may send at once on top.</summary>
    public const int MaxFrameBurst = 20_000;

    /// <summary>Largest message that is not data, in bytes.</summary>
    public const int MaxControlBytes = 96 * 1024;

    /// <summary>Bytes of the buffer from which data is sent: a block and many small frames.</summary>
    public const int SendBufferBytes = (256 + 32) * 1024;

    /// <summary>Bytes of such buffers that a node keeps for later.</summary>
    public const int MaxSpareSendBytes = 64 * SendBufferBytes;

    /// <summary>After this much silence of our own we send a keep-alive.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    /// <summary>A peer from which no frame, or none of the data it owes, has come for so long is cut; so is one that does not take what we send.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>A connection on which no share is open is ended after so long.</summary>
    public static readonly TimeSpan Unused = TimeSpan.FromSeconds(90);

    /// <summary>
    /// A peer from which something is due and nothing has come for so long is doubted: its address, or ours, may have changed, so other ways are tried
    /// beside the present one.
    /// </summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromSeconds(2);

    /// <summary>How often a doubt that lasts is told again.</summary>
    public static readonly TimeSpan DoubtRepetition = TimeSpan.FromSeconds(3);
}
