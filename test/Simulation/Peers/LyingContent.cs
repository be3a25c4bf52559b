using CS3103P2P.Peer;
using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>A share of a hostile peer: some of what it serves is wrong.</summary>
internal sealed class LyingContent(IShareContent inner, Random random) : IShareContent
{
    private const int TrueOutOf = 3;

    public ShareDescriptor Descriptor => inner.Descriptor;

    public ShareLayout? Layout => inner.Layout;

    public int VerifiedCount => inner.VerifiedCount;

    public bool IsComplete => inner.IsComplete;

    public ReadOnlyMemory<byte> ManifestBytes => inner.ManifestBytes;

    public bool HasChunk(int chunk) => inner.HasChunk(chunk);

    public ChunkBitmap SnapshotVerified() => inner.SnapshotVerified();

    public int ReadChunk(int chunk, int offset, Span<byte> buffer)
    {
        int read = inner.ReadChunk(chunk, offset, buffer);
        if (read > 0 && random.Next(TrueOutOf) == 0) buffer[random.Next(read)] ^= 0x40;
        return read;
    }

    public int CopyGroupRoots(int file, int offset, Span<byte> destination) => Spoil(inner.CopyGroupRoots(file, offset, destination), destination);

    public int CopyHashGroup(int group, Span<byte> destination) => Spoil(inner.CopyHashGroup(group, destination), destination);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private int Spoil(int length, Span<byte> bytes)
    {
        if (length > 0 && random.Next(TrueOutOf) == 0) bytes[random.Next(length)] ^= 1;
        return length;
    }
}
