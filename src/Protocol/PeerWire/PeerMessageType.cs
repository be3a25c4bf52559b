namespace CS3103P2P.Protocol;

/// <summary>What the second half of a frame holds. 1 to 5 are the original's, from 16 on this product's.</summary>
public enum PeerMessageType
{
    /// <summary>No type: never sent.</summary>
    None = 0,

    /// <summary>Who speaks: the first message in each direction.</summary>
    HostInfo = 1,

    /// <summary>The peers that one knows.</summary>
    ClientInfo = 2,

    /// <summary>What a share is: the answer to <see cref="OpenShare"/>.</summary>
    FileInfo = 3,

    /// <summary>A piece of a chunk.</summary>
    FileData = 4,

    /// <summary>A refusal, with a reason.</summary>
    CommonReply = 5,

    /// <summary>Opens a share on a channel of the sender's choice.</summary>
    OpenShare = 16,

    /// <summary>Chunks that the sender can serve.</summary>
    Have = 17,

    /// <summary>Pieces of chunks that the sender asks for.</summary>
    Want = 18,

    /// <summary>Pieces that the sender asked for and no longer needs.</summary>
    Cancel = 19,

    /// <summary>Asks for chunk hashes or the manifest.</summary>
    MetadataRequest = 20,

    /// <summary>A piece of chunk hashes or of the manifest.</summary>
    MetadataPiece = 21,

    /// <summary>Ends the use of a channel.</summary>
    CloseShare = 22,

    /// <summary>Says that the sender is alive; empty.</summary>
    KeepAlive = 23,
}
