namespace CS3103P2P.Protocol;

/// <summary>The number after <c>REQUEST</c>: what a peer wants of the tracker.</summary>
public enum TrackerRequestKind
{
    /// <summary>No flag: the message is not a <c>REQUEST</c>.</summary>
    None = 0,

    /// <summary>Download a file: who has which chunks of it?</summary>
    Download = 1,

    /// <summary>The same again, for an updated list.</summary>
    Update = 2,

    /// <summary>A chunk has been downloaded and is now served.</summary>
    ChunkDownloaded = 3,

    /// <summary>A new file is offered.</summary>
    Upload = 4,

    /// <summary>The peer leaves the swarm.</summary>
    Exit = 5,

    /// <summary>Which files are there?</summary>
    ListFiles = 6,

    /// <summary>Is there this file?</summary>
    QueryFile = 7,
}
