using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>A download with nothing to do: the target existed with the same content.</summary>
internal sealed class CompletedDownload(SharedContent content) : IDownloadContent
{
    public ShareDescriptor Descriptor => content.Descriptor;

    public ShareLayout? Layout => content.Layout;

    public int VerifiedCount => content.VerifiedCount;

    public bool IsComplete => content.IsComplete;

    public ReadOnlyMemory<byte> ManifestBytes => content.ManifestBytes;

    public bool HasChunk(int chunk) => content.HasChunk(chunk);

    public ChunkBitmap SnapshotVerified() => content.SnapshotVerified();

    public int ReadChunk(int chunk, int offset, Span<byte> buffer) => content.ReadChunk(chunk, offset, buffer);

    public int CopyGroupRoots(int file, int offset, Span<byte> destination) => content.CopyGroupRoots(file, offset, destination);

    public int CopyHashGroup(int group, Span<byte> destination) => content.CopyHashGroup(group, destination);

    public VerificationNeed NeedFor(int chunk, out int index)
    {
        index = 0;
        return VerificationNeed.None;
    }

    public bool TryAcceptManifest(ReadOnlySpan<byte> bytes) => bytes.SequenceEqual(content.ManifestBytes.Span);

    public bool TryAcceptGroupRoots(int file, ReadOnlySpan<byte> digests) => true;

    public bool TryAcceptHashGroup(int group, ReadOnlySpan<byte> digests) => true;

    public ChunkVerdict AcceptChunk(int chunk, ReadOnlySpan<byte> data) => ChunkVerdict.Duplicate;

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => content.DisposeAsync();
}
