namespace CS3103P2P.Peer;

/// <summary>
/// Content that is being downloaded: takes hashes and chunks from peers, verifies them and keeps them. Every member may be called from any
/// thread. A seam, so that a swarm can be simulated without a disk.
/// </summary>
internal interface IDownloadContent : IShareContent
{
    /// <summary>What must be fetched before this chunk can be verified; <see cref="VerificationNeed.None"/> when it can be accepted now.</summary>
    /// <param name="chunk">Index of the chunk; any value as long as the manifest is missing.</param>
    /// <param name="index">For <see cref="VerificationNeed.GroupRoots"/> the file, for <see cref="VerificationNeed.HashGroup"/> the group.</param>
    VerificationNeed NeedFor(int chunk, out int index);

    /// <summary>Takes the canonical bytes of the manifest; false when they are not those of this share.</summary>
    /// <exception cref="StorageException">The folders or files could not be created.</exception>
    bool TryAcceptManifest(ReadOnlySpan<byte> bytes);

    /// <summary>Takes the complete list of group roots of a file; false when it does not match the root of the file.</summary>
    /// <exception cref="StorageException">The disk failed.</exception>
    bool TryAcceptGroupRoots(int file, ReadOnlySpan<byte> digests);

    /// <summary>Takes the chunk hashes of a group; false when they do not match the root of the group or that root is not known.</summary>
    /// <exception cref="StorageException">The disk failed.</exception>
    bool TryAcceptHashGroup(int group, ReadOnlySpan<byte> digests);

    /// <summary>Verifies a whole chunk and writes it to disk.</summary>
    /// <exception cref="StorageException">The disk failed; the chunk does not count as received.</exception>
    ChunkVerdict AcceptChunk(int chunk, ReadOnlySpan<byte> data);

    /// <summary>Brings everything to the disk and gives it its final name. To be called once all chunks are verified.</summary>
    /// <exception cref="StorageException">The disk failed, or the target came into being meanwhile.</exception>
    /// <exception cref="InvalidOperationException">Chunks are missing.</exception>
    Task CompleteAsync(CancellationToken cancellationToken);
}
