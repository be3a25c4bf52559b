using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>An entry in a snapshot; it points into the block.</summary>
internal ref struct SnapshotEntry
{
    /// <summary>The file's name in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>What the content is; null when the owner did not tell.</summary>
    public ContentDescription? Content { get; init; }

    /// <summary>Whether the owner wants the name in the list of files.</summary>
    public bool IsListed { get; init; }

    /// <summary>The chunks.</summary>
    public SnapshotRuns Runs { get; init; }
}
