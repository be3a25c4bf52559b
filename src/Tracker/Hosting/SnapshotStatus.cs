namespace CS3103P2P.Tracker.Hosting;

/// <summary>How snapshots go.</summary>
/// <param name="BegunAt">When the last good one was begun; null when there is none yet.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Entries">How many entries it holds.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Failure">Why the last try failed; null when it did not.</param>
internal sealed record SnapshotStatus(DateTimeOffset? BegunAt, TimeSpan Took, long Entries, long Bytes, string? Failure);
