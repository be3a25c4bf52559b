using CS3103P2P.Peer;
using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>The product's download on disk, with the judge looking on.</summary>
internal sealed class WatchedContent(World world, SimulatedPeer peer, PeerProcess process, SharedFact fact, IDownloadContent inner) : IDownloadContent
{
    private static readonly TimeSpan LateDuplicate = TimeSpan.FromSeconds(60);
    private readonly ChunkLedger _ledger = peer.LedgerOf(fact);

    public ShareDescriptor Descriptor => inner.Descriptor;

    public ShareLayout? Layout => inner.Layout;

    public int VerifiedCount => inner.VerifiedCount;

    public bool IsComplete => inner.IsComplete;

    public ReadOnlyMemory<byte> ManifestBytes => inner.ManifestBytes;

    /// <summary>After opening: what was verified before must be there, and what counts as verified must be right.</summary>
    public void CheckResumed()
    {
        ChunkBitmap present = inner.SnapshotVerified();
        if (_ledger.FindMissing(present) is { } missing) world.Violate("a verified chunk survives", $"{peer.Name} lost chunk {missing} of {fact.Name}");
        byte[] buffer = new byte[fact.ChunkSize];
        for (int chunk = present.NextSet(0); chunk >= 0; chunk = present.NextSet(chunk + 1))
        {
            int length = inner.ReadChunk(chunk, 0, buffer);
            if (length < 0 || !IsTrue(chunk, buffer.AsSpan(0, length)))
                world.Violate("what counts as verified is right", $"{peer.Name} resumed with a wrong chunk {chunk} of {fact.Name}");
            _ledger.Add(chunk, world.Time.Now);
        }
    }

    public bool HasChunk(int chunk) => inner.HasChunk(chunk);

    public ChunkBitmap SnapshotVerified() => inner.SnapshotVerified();

    public int ReadChunk(int chunk, int offset, Span<byte> buffer) => inner.ReadChunk(chunk, offset, buffer);

    public int CopyGroupRoots(int file, int offset, Span<byte> destination) => inner.CopyGroupRoots(file, offset, destination);

    public int CopyHashGroup(int group, Span<byte> destination) => inner.CopyHashGroup(group, destination);

    public VerificationNeed NeedFor(int chunk, out int index) => inner.NeedFor(chunk, out index);

    public bool TryAcceptManifest(ReadOnlySpan<byte> bytes) => inner.TryAcceptManifest(bytes);

    public bool TryAcceptGroupRoots(int file, ReadOnlySpan<byte> digests) => inner.TryAcceptGroupRoots(file, digests);

    public bool TryAcceptHashGroup(int group, ReadOnlySpan<byte> digests) => inner.TryAcceptHashGroup(group, digests);

    public ChunkVerdict AcceptChunk(int chunk, ReadOnlySpan<byte> data)
    {
        ChunkVerdict verdict = inner.AcceptChunk(chunk, data);
        if (verdict == ChunkVerdict.Corrupt && peer.Plant == PlantedBug.TrustsChunks) verdict = ChunkVerdict.Verified;
        if (process.IsDead) return verdict;
        if (verdict == ChunkVerdict.Verified)
        {
            if (!IsTrue(chunk, data)) world.Violate("what counts as verified is right", $"{peer.Name} took a wrong chunk {chunk} of {fact.Name}");
            if (_ledger.VerifiedAt(chunk) is not null) world.Violate("no chunk is fetched twice", $"{peer.Name} verified chunk {chunk} of {fact.Name} again");
            _ledger.Add(chunk, world.Time.Now);
            world.Trace.Add(peer.Name, $"verifies chunk {chunk} of {fact.Name}");
        }
        else if (verdict == ChunkVerdict.Duplicate && _ledger.VerifiedAt(chunk) is { } at && world.Time.Now - at > LateDuplicate)
        {
            world.Violate("no chunk is fetched twice", $"{peer.Name} got chunk {chunk} of {fact.Name} long after it was verified");
        }

        return verdict;
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => inner.CompleteAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private bool IsTrue(int chunk, ReadOnlySpan<byte> data) => fact.Chunk(chunk).SequenceEqual(data);
}
