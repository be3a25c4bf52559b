namespace CS3103P2P.Peer;

/// <summary>By what a change of a file shows.</summary>
/// <param name="Length">Length in bytes.</param>
/// <param name="ChangedTicks">Time of the last change, in ticks of UTC.</param>
internal readonly record struct FileStamp(long Length, long ChangedTicks);
