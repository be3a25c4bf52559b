using System.Numerics;

namespace CS3103P2P.Protocol;

/// <summary>
/// Rules for the size of chunks: a power of two. By default the smallest from 16 KiB that cuts the file into at most 2,048 chunks, but never
/// more than 1 MiB, since a chunk is held in memory until it is verified.
/// <code>
/// file up to   32 MiB   64 MiB  128 MiB  256 MiB  512 MiB   1 GiB  more
/// chunk        16 KiB   32 KiB   64 KiB  128 KiB  256 KiB 512 KiB  1 MiB
/// </code>
/// </summary>
public static class ChunkSize
{
    /// <summary>Smallest chunk, in bytes.</summary>
    public const int Min = 2_048;

    /// <summary>Largest chunk, in bytes.</summary>
    public const int Max = 16 * 1024 * 1024;

    /// <summary>Smallest chunk chosen by default, in bytes: the block of BEP 52, so that the root serves BitTorrent v2 too.</summary>
    public const int MinDefault = 16 * 1024;

    /// <summary>Largest chunk chosen by default, in bytes.</summary>
    public const int MaxDefault = 1024 * 1024;

    private const int DefaultMaxChunks = 2_048;

    /// <summary>Whether this is a chunk size: a power of two from <see cref="Min"/> to <see cref="Max"/>.</summary>
    public static bool IsValid(long bytes) => bytes is >= Min and <= Max && BitOperations.IsPow2(bytes);

    /// <summary>The chunk size for content of this length.</summary>
    /// <param name="contentBytes">Length of the file, or of all files of a folder together.</param>
    public static int DefaultFor(long contentBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(contentBytes);
        int size = MinDefault;
        while (size < MaxDefault && contentBytes > (long)size * DefaultMaxChunks) size *= 2;
        return size;
    }
}
