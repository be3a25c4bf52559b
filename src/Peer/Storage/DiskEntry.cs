namespace CS3103P2P.Peer;

/// <summary>What lies at a path.</summary>
internal readonly record struct DiskEntry(bool IsFolder, FileStamp Stamp);
