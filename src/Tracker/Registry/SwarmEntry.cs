using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>One peer's chunks of one file.</summary>
internal sealed class SwarmEntry(SharedFile file, Registrant owner)
{
    /// <summary>The file.</summary>
    public SharedFile File { get; } = file;

    /// <summary>Whose entry it is.</summary>
    public Registrant Owner { get; } = owner;

    /// <summary>The chunks.</summary>
    public ChunkSet Chunks { get; } = new();

    /// <summary>What the content is; null when the owner did not tell.</summary>
    public SharedContent? Content { get; set; }

    /// <summary>Whether the owner wants the name in the list of files.</summary>
    public bool IsListed { get; set; }

    /// <summary>Its number among the entries of the file.</summary>
    public long Number { get; set; }
}
