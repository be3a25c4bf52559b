using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>
/// The chunk hashes of a share, as far as they are known and verified against the roots of its files: first the roots of a file's groups, then the
/// hashes of a group. 32 bytes a chunk. Thread-safe: lists are published whole and never changed.
/// </summary>
internal sealed class HashStore
{
    private readonly ShareLayout _layout;
    private readonly Sha256Digest[]?[] _groupRoots; // by file; null for files of one group, whose root is the file's
    private readonly Sha256Digest[]?[] _groups; // by group; null for files of one chunk, whose hash is the file's root

    internal HashStore(ShareLayout layout)
    {
        _layout = layout;
        _groupRoots = new Sha256Digest[layout.FileCount][];
        _groups = new Sha256Digest[layout.GroupCount][];
    }

    /// <summary>What is missing to verify a chunk; the index is that of the file or group.</summary>
    internal VerificationNeed NeedFor(int chunk, out int index)
    {
        index = 0;
        if (TryGetChunkHash(chunk, out _)) return VerificationNeed.None;
        int group = _layout.GroupOf(chunk);
        index = group;
        if (TryGetGroupRoot(_layout.LocateGroup(group), out _)) return VerificationNeed.HashGroup;
        index = _layout.Locate(chunk).File;
        return VerificationNeed.GroupRoots;
    }

    /// <summary>The verified hash of a chunk; false when it is not known yet.</summary>
    internal bool TryGetChunkHash(int chunk, out Sha256Digest hash)
    {
        ChunkPlace place = _layout.Locate(chunk);
        hash = _layout.FileRoot(place.File);
        if (_layout.ChunksOf(place.File).Count == 1) return true;
        Sha256Digest[]? group = Volatile.Read(ref _groups[_layout.GroupOf(chunk)]);
        if (group is null) return false;
        hash = group[place.ChunkInFile % MerkleLayout.ChunksPerGroup];
        return true;
    }

    /// <summary>Takes the group roots of a file; false when they do not match its root.</summary>
    internal bool TryAddGroupRoots(int file, ReadOnlySpan<byte> bytes)
    {
        if (file < 0 || file >= _layout.FileCount) return false;
        MerkleLayout tree = _layout.TreeOf(file);
        if (!TryReadDigests(bytes, tree.GroupCount, out Sha256Digest[] roots)) return false;
        if (MerkleTree.RootOfGroups(tree, roots) != _layout.FileRoot(file)) return false;
        if (roots.Length > 1) Volatile.Write(ref _groupRoots[file], roots);
        return true;
    }

    /// <summary>Takes the hashes of a group; false when they do not match its root or that is not known.</summary>
    internal bool TryAddGroup(int group, ReadOnlySpan<byte> bytes)
    {
        if (group < 0 || group >= _layout.GroupCount) return false;
        GroupPlace place = _layout.LocateGroup(group);
        if (!TryGetGroupRoot(place, out Sha256Digest root) || !TryReadDigests(bytes, place.Chunks.Count, out Sha256Digest[] hashes)) return false;
        if (MerkleTree.GroupRoot(_layout.TreeOf(place.File), hashes) != root) return false;
        if (_layout.ChunksOf(place.File).Count > 1) Volatile.Write(ref _groups[group], hashes);
        return true;
    }

    /// <summary>Takes the hashes of all chunks, computed from the files themselves.</summary>
    internal void AddAll(ReadOnlySpan<Sha256Digest> chunkHashes)
    {
        for (int group = 0; group < _groups.Length; group++)
        {
            GroupPlace place = _layout.LocateGroup(group);
            _groups[group] = chunkHashes.Slice(place.Chunks.First, place.Chunks.Count).ToArray();
        }

        for (int file = 0; file < _groupRoots.Length; file++)
        {
            MerkleLayout tree = _layout.TreeOf(file);
            var roots = new Sha256Digest[tree.GroupCount];
            for (int i = 0; i < roots.Length; i++) roots[i] = MerkleTree.GroupRoot(tree, _groups[_layout.FirstGroupOf(file) + i]);
            _groupRoots[file] = roots;
        }
    }

    /// <summary>See <see cref="IShareContent.CopyGroupRoots"/>.</summary>
    internal int CopyGroupRoots(int file, int offset, Span<byte> destination)
    {
        if (file < 0 || file >= _layout.FileCount || offset < 0) return 0;
        int count = _layout.TreeOf(file).GroupCount;
        Sha256Digest[]? roots = count == 1 ? [_layout.FileRoot(file)] : Volatile.Read(ref _groupRoots[file]);
        return roots is null || offset >= count ? 0 : Write(roots.AsSpan(offset), destination);
    }

    /// <summary>See <see cref="IShareContent.CopyHashGroup"/>.</summary>
    internal int CopyHashGroup(int group, Span<byte> destination)
    {
        if (group < 0 || group >= _layout.GroupCount) return 0;
        GroupPlace place = _layout.LocateGroup(group);
        if (_layout.ChunksOf(place.File).Count == 1) return Write([_layout.FileRoot(place.File)], destination);
        return Volatile.Read(ref _groups[group]) is { } hashes ? Write(hashes, destination) : 0;
    }

    private bool TryGetGroupRoot(GroupPlace place, out Sha256Digest root)
    {
        root = _layout.FileRoot(place.File);
        if (_layout.TreeOf(place.File).GroupCount == 1) return true;
        Sha256Digest[]? roots = Volatile.Read(ref _groupRoots[place.File]);
        if (roots is null) return false;
        root = roots[place.GroupInFile];
        return true;
    }

    private static bool TryReadDigests(ReadOnlySpan<byte> bytes, int count, out Sha256Digest[] digests)
    {
        digests = [];
        if (bytes.Length != (long)count * Sha256Digest.SizeInBytes) return false;
        digests = new Sha256Digest[count];
        for (int i = 0; i < count; i++) digests[i] = new Sha256Digest(bytes.Slice(i * Sha256Digest.SizeInBytes, Sha256Digest.SizeInBytes));
        return true;
    }

    private static int Write(ReadOnlySpan<Sha256Digest> digests, Span<byte> destination)
    {
        int count = Math.Min(digests.Length, destination.Length / Sha256Digest.SizeInBytes);
        for (int i = 0; i < count; i++) digests[i].CopyTo(destination[(i * Sha256Digest.SizeInBytes)..]);
        return count * Sha256Digest.SizeInBytes;
    }
}
