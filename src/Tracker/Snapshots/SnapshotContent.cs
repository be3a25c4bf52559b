using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>A name and what it stands for, as a block of a snapshot has it.</summary>
/// <param name="NameStart">Where the name begins in the payload.</param>
/// <param name="NameLength">Its length.</param>
/// <param name="Content">What the content is; null when nobody told.</param>
internal readonly record struct SnapshotContent(int NameStart, int NameLength, ContentDescription? Content);
