using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Transfers;

/// <summary>A share whose chunks are all alike, so that one of any size needs no memory; hashes are only pretended.</summary>
internal sealed class PatternContent : IDownloadContent
{
    private readonly Lock _gate = new();
    private readonly byte[] _pattern;
    private readonly ChunkBitmap _verified;
    private readonly HashSet<(VerificationNeed, int)> _known = [];

    public PatternContent(byte[] pattern, int chunks, bool isComplete)
    {
        _pattern = pattern;
        Descriptor = new ShareDescriptor("memory", ShareKind.File, (long)pattern.Length * chunks, pattern.Length, Sha256Digest.Of(pattern));
        Layout = ShareLayout.OfFile(Descriptor);
        _verified = new ChunkBitmap(chunks);
        if (isComplete) _verified.SetAll();
    }

    /// <summary>Called with the number of chunks that are verified.</summary>
    public Action<int>? OnVerified { get; init; }

    public ShareDescriptor Descriptor { get; }

    public ShareLayout? Layout { get; }

    public bool IsComplete => VerifiedCount == Descriptor.ChunkCount;

    public ReadOnlyMemory<byte> ManifestBytes => default;

    public int VerifiedCount
    {
        get
        {
            lock (_gate) return _verified.Count;
        }
    }

    public bool HasChunk(int chunk)
    {
        lock (_gate) return _verified.IsSet(chunk);
    }

    public ChunkBitmap SnapshotVerified()
    {
        lock (_gate) return _verified.Clone();
    }

    public int ReadChunk(int chunk, int offset, Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _pattern.Length - offset);
        _pattern.AsSpan(offset, length).CopyTo(buffer);
        return length;
    }

    public int CopyGroupRoots(int file, int offset, Span<byte> destination) => (Layout!.GroupCount - offset) * Sha256Digest.SizeInBytes;

    public int CopyHashGroup(int group, Span<byte> destination) => Layout!.LocateGroup(group).Chunks.Count * Sha256Digest.SizeInBytes;

    public VerificationNeed NeedFor(int chunk, out int index)
    {
        lock (_gate)
        {
            index = Layout!.GroupOf(chunk);
            if (_known.Contains((VerificationNeed.HashGroup, index))) return VerificationNeed.None;
            if (_known.Contains((VerificationNeed.GroupRoots, 0))) return VerificationNeed.HashGroup;
            index = 0;
            return VerificationNeed.GroupRoots;
        }
    }

    public bool TryAcceptManifest(ReadOnlySpan<byte> bytes) => false;

    public bool TryAcceptGroupRoots(int file, ReadOnlySpan<byte> digests)
    {
        lock (_gate) _known.Add((VerificationNeed.GroupRoots, 0));
        return true;
    }

    public bool TryAcceptHashGroup(int group, ReadOnlySpan<byte> digests)
    {
        lock (_gate) _known.Add((VerificationNeed.HashGroup, group));
        return true;
    }

    public ChunkVerdict AcceptChunk(int chunk, ReadOnlySpan<byte> data)
    {
        if (!data.SequenceEqual(_pattern)) return ChunkVerdict.Corrupt;
        int count;
        lock (_gate)
        {
            if (!_verified.Set(chunk)) return ChunkVerdict.Duplicate;
            count = _verified.Count;
        }

        OnVerified?.Invoke(count);
        return ChunkVerdict.Verified;
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
