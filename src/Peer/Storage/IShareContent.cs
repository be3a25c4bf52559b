using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>
/// What a peer can serve: chunks on disk that were verified, and the hashes by which others verify them. Every member may be called from any
/// thread. Chunks, files and hash groups are numbered as in <see cref="ShareLayout"/>.
/// </summary>
internal interface IShareContent : IAsyncDisposable
{
    /// <summary>What is shared.</summary>
    ShareDescriptor Descriptor { get; }

    /// <summary>How chunks map to files; null as long as the manifest of a directory is not known.</summary>
    ShareLayout? Layout { get; }

    /// <summary>Number of chunks that can be served now.</summary>
    int VerifiedCount { get; }

    /// <summary>Whether all chunks can be served.</summary>
    bool IsComplete { get; }

    /// <summary>Whether this chunk can be served.</summary>
    bool HasChunk(int chunk);

    /// <summary>A copy of the bitmap of chunks that can be served.</summary>
    ChunkBitmap SnapshotVerified();

    /// <summary>Reads bytes of a chunk.</summary>
    /// <param name="chunk">Index of the chunk.</param>
    /// <param name="offset">Where to start in the chunk, in bytes.</param>
    /// <param name="buffer">Filled up to the end of the chunk.</param>
    /// <returns>
    /// Bytes read, 0 at or after the end of the chunk, or -1 when the chunk cannot be served (any more): not verified, or the file was changed.
    /// </returns>
    /// <exception cref="StorageException">The disk failed.</exception>
    int ReadChunk(int chunk, int offset, Span<byte> buffer);

    /// <summary>The canonical bytes of the manifest; empty for a file, or as long as it is not known.</summary>
    ReadOnlyMemory<byte> ManifestBytes { get; }

    /// <summary>Copies part of the list of group roots of a file, as 32 bytes each.</summary>
    /// <param name="file">Index of the file.</param>
    /// <param name="offset">First group (of the file) to copy.</param>
    /// <param name="destination">Receives as many whole digests as fit.</param>
    /// <returns>Bytes written; 0 when the list is not known or ends before the offset.</returns>
    int CopyGroupRoots(int file, int offset, Span<byte> destination);

    /// <summary>Copies the chunk hashes of a group, as 32 bytes each.</summary>
    /// <param name="group">Index of the group across the share.</param>
    /// <param name="destination">At least 512 * 32 bytes.</param>
    /// <returns>Bytes written; 0 when the group is not known.</returns>
    int CopyHashGroup(int group, Span<byte> destination);
}
