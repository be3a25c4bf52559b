namespace CS3103P2P.Protocol;

/// <summary>A run of consecutive chunks. Indices count from 0 in code; the tracker's text counts from 1.</summary>
/// <param name="First">Index of the first chunk.</param>
/// <param name="Count">How many chunks; 0 makes an empty range.</param>
public readonly record struct ChunkRange(int First, int Count)
{
    /// <summary>Most chunks that a share may have; the highest index is one less.</summary>
    public const int MaxChunks = int.MaxValue;

    /// <summary>The index after the last chunk.</summary>
    public int End => First + Count;

    /// <summary>Whether the range is well formed: no negative part, nothing beyond <see cref="MaxChunks"/>.</summary>
    public bool IsValid => First >= 0 && Count >= 0 && First <= MaxChunks - Count;

    /// <summary>Whether the chunk lies in the range.</summary>
    public bool Contains(int chunk) => chunk >= First && chunk < End;
}
