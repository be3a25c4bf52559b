using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// One peer's chunks of one file, in 32 bytes: nearly all entries of a large registry have one run, which stands here; the others have a set of their own.
/// </summary>
internal struct EntryData
{
    /// <summary>Stands for "no entry" in the lists of owners.</summary>
    public const int None = -1;

    /// <summary>In the count of <see cref="Run"/>: there is a set, whose number stands in the other half.</summary>
    public const int HasSet = -1;

    /// <summary>Number of the file.</summary>
    public int FileId;

    /// <summary>Number of the owner.</summary>
    public int OwnerId;

    /// <summary>The owner's next entry.</summary>
    public int Next;

    /// <summary>The owner's entry before.</summary>
    public int Previous;

    /// <summary>The only run, with no chunks when there is none; or the number of a set.</summary>
    public ChunkRange Run;

    /// <summary>Number among the entries of the file.</summary>
    public uint Number;

    /// <summary>Number of the content in its file; 0 when the owner did not tell.</summary>
    public byte Content;

    /// <summary>Whether the owner wants the name in the list of files.</summary>
    public bool IsListed;
}
