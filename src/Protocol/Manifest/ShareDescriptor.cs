using System.Diagnostics.CodeAnalysis;

namespace CS3103P2P.Protocol;

/// <summary>What identifies a share and tells how to cut it into chunks. A descriptor that exists is valid.</summary>
public sealed record ShareDescriptor
{
    /// <summary>Makes a descriptor.</summary>
    /// <exception cref="ArgumentException">The parts do not make a valid descriptor; see <see cref="TryCreate"/>.</exception>
    public ShareDescriptor(string name, ShareKind kind, long sizeBytes, int chunkSize, Sha256Digest root)
    {
        if (!AreValid(name, kind, sizeBytes, chunkSize)) throw new ArgumentException("Not a valid description of a share.");
        Name = name;
        Kind = kind;
        SizeBytes = sizeBytes;
        ChunkSize = chunkSize;
        Root = root;
    }

    /// <summary>The name under which it is shared; see <see cref="ShareName"/>.</summary>
    public string Name { get; }

    /// <summary>File or directory.</summary>
    public ShareKind Kind { get; }

    /// <summary>
    /// Length of the content. For a directory: that of its files laid one after another in the order of the manifest, each starting on a new
    /// chunk, so that the gaps count too.
    /// </summary>
    public long SizeBytes { get; }

    /// <summary>Length of a chunk in bytes: a power of two; see <see cref="Protocol.ChunkSize"/>.</summary>
    public int ChunkSize { get; }

    /// <summary>File: root of its Merkle tree, all zero for a file of no bytes. Directory: SHA-256 of the manifest.</summary>
    public Sha256Digest Root { get; }

    /// <summary>Number of chunks; 0 for content of no bytes.</summary>
    public int ChunkCount => (int)((SizeBytes + ChunkSize - 1) / ChunkSize);

    /// <summary>Makes a descriptor from parts that came from elsewhere; false when they are not valid together.</summary>
    public static bool TryCreate(
        string? name, ShareKind kind, long sizeBytes, int chunkSize, Sha256Digest root, [NotNullWhen(true)] out ShareDescriptor? descriptor)
    {
        descriptor = AreValid(name, kind, sizeBytes, chunkSize) ? new ShareDescriptor(name!, kind, sizeBytes, chunkSize, root) : null;
        return descriptor is not null;
    }

    private static bool AreValid(string? name, ShareKind kind, long sizeBytes, int chunkSize) =>
        ShareName.IsValid(name)
        && kind is (ShareKind.File or ShareKind.Directory)
        && Protocol.ChunkSize.IsValid(chunkSize)
        && sizeBytes >= 0
        && sizeBytes <= (long)ChunkRange.MaxChunks * chunkSize;
}
