using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Transfers;

/// <summary>A share in memory. What it accepts is compared with what it should become; hashes are only pretended.</summary>
internal sealed class MemoryContent : IDownloadContent
{
    private readonly Lock _gate = new();
    private readonly byte[] _expected;
    private readonly byte[] _data;
    private readonly ChunkBitmap _verified;
    private readonly HashSet<(VerificationNeed, int)> _known = [];

    public MemoryContent(byte[] expected, int chunkSize, bool isComplete)
    {
        Descriptor = new ShareDescriptor("memory", ShareKind.File, expected.Length, chunkSize, Sha256Digest.Of(expected));
        Layout = ShareLayout.OfFile(Descriptor);
        _expected = expected;
        _data = isComplete ? (byte[])expected.Clone() : new byte[expected.Length];
        _verified = new ChunkBitmap(Descriptor.ChunkCount);
        if (isComplete) _verified.SetAll();
    }

    public ShareDescriptor Descriptor { get; }

    public ShareLayout? Layout { get; }

    public int VerifiedCount
    {
        get
        {
            lock (_gate) return _verified.Count;
        }
    }

    public bool IsComplete => VerifiedCount == Descriptor.ChunkCount;

    public int Duplicates { get; private set; }

    /// <summary>Whether no hashes can be kept.</summary>
    public bool IsDiskFull { get; init; }

    /// <summary>Spoils a byte of what is served.</summary>
    public void Spoil(int chunk) => _data[(long)chunk * Descriptor.ChunkSize] ^= 1;

    public ReadOnlyMemory<byte> ManifestBytes => default;

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
        int length = Layout!.Locate(chunk).Length - offset;
        if (length <= 0) return 0;
        ReadOnlySpan<byte> source = _data.AsSpan((chunk * Descriptor.ChunkSize) + offset, Math.Min(length, buffer.Length));
        source.CopyTo(buffer);
        return source.Length;
    }

    public int CopyGroupRoots(int file, int offset, Span<byte> destination)
    {
        int length = Math.Min(((Layout!.GroupCount - offset) * 32), destination.Length);
        destination[..length].Fill(1);
        return length;
    }

    public int CopyHashGroup(int group, Span<byte> destination)
    {
        int length = Layout!.LocateGroup(group).Chunks.Count * 32;
        destination[..length].Fill(2);
        return length;
    }

    public VerificationNeed NeedFor(int chunk, out int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chunk, Descriptor.ChunkCount);   // as the real one does
        lock (_gate)
        {
            index = 0;
            if (!_known.Contains((VerificationNeed.GroupRoots, 0))) return VerificationNeed.GroupRoots;
            index = Layout!.GroupOf(chunk);
            return _known.Contains((VerificationNeed.HashGroup, index)) ? VerificationNeed.None : VerificationNeed.HashGroup;
        }
    }

    public bool TryAcceptManifest(ReadOnlySpan<byte> bytes) => false;

    public bool TryAcceptGroupRoots(int file, ReadOnlySpan<byte> digests)
    {
        if (IsDiskFull) throw new StorageException(StorageErrorReason.DiskFull, "The disk is full.");
        if (digests.Length != Layout!.GroupCount * 32) return false;
        lock (_gate) _known.Add((VerificationNeed.GroupRoots, 0));
        return true;
    }

    public bool TryAcceptHashGroup(int group, ReadOnlySpan<byte> digests)
    {
        if (digests.Length != Layout!.LocateGroup(group).Chunks.Count * 32) return false;
        lock (_gate) _known.Add((VerificationNeed.HashGroup, group));   // more than one peer may have been asked
        return true;
    }

    public ChunkVerdict AcceptChunk(int chunk, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_verified.IsSet(chunk))
            {
                Duplicates++;
                return ChunkVerdict.Duplicate;
            }

            Span<byte> place = _data.AsSpan(chunk * Descriptor.ChunkSize, Layout!.Locate(chunk).Length);
            if (!data.SequenceEqual(_expected.AsSpan(chunk * Descriptor.ChunkSize, place.Length))) return ChunkVerdict.Corrupt;
            data.CopyTo(place);
            _verified.Set(chunk);
            return ChunkVerdict.Verified;
        }
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
