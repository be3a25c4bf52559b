using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>What the journal of an earlier run tells: hashes, chunks to trust, and chunks that must be hashed again.</summary>
internal sealed class ResumeState(ShareDescriptor descriptor, byte[] bootId)
{
    private readonly Queue<(long Position, ChunkSet Chunks, bool SameKernel)> _unsynced = new();
    private bool _sameKernel;

    /// <summary>The manifest of a directory; null for a file or as long as it is not known.</summary>
    internal ShareManifest? Manifest { get; private set; }

    /// <summary>The verified hashes; null as long as the manifest is not known.</summary>
    internal HashStore? Hashes { get; private set; } = descriptor.Kind == ShareKind.File ? new HashStore(ShareLayout.OfFile(descriptor)) : null;

    /// <summary>Chunks that are safely on disk.</summary>
    internal ChunkSet Trusted { get; } = new();

    /// <summary>Chunks that were written, but perhaps lost when the kernel restarted.</summary>
    internal ChunkSet Doubtful { get; } = new();

    /// <summary>Whether any chunk was ever received.</summary>
    internal bool HasChunks => !Trusted.IsEmpty || !Doubtful.IsEmpty;

    /// <summary>Takes one record; false when it makes no sense.</summary>
    internal bool Apply(long position, JournalRecordType type, ReadOnlyMemory<byte> payload)
    {
        ReadOnlySpan<byte> bytes = payload.Span;
        switch (type)
        {
            case JournalRecordType.Boot:
                _sameKernel = bytes.Length == JournalFormat.BootIdBytes && bytes.ContainsAnyExcept((byte)0) && bytes.SequenceEqual(bootId);
                return bytes.Length == JournalFormat.BootIdBytes;
            case JournalRecordType.Manifest:
                return TryApplyManifest(bytes);
            case JournalRecordType.GroupRoots:
                return bytes.Length >= sizeof(int) && Hashes?.TryAddGroupRoots(BinaryPrimitives.ReadInt32LittleEndian(bytes), bytes[4..]) == true;
            case JournalRecordType.HashGroup:
                return bytes.Length >= sizeof(int) && Hashes?.TryAddGroup(BinaryPrimitives.ReadInt32LittleEndian(bytes), bytes[4..]) == true;
            case JournalRecordType.Written:
                if (!JournalFormat.TryReadRuns(bytes, descriptor.ChunkCount, out ChunkSet chunks)) return false;
                _unsynced.Enqueue((position, chunks, _sameKernel));
                return true;
            case JournalRecordType.Synced:
                if (bytes.Length != sizeof(long)) return false;
                Settle(BinaryPrimitives.ReadInt64LittleEndian(bytes));
                return true;
            default:
                return TryApplyLost(bytes);
        }
    }

    /// <summary>Trusted chunks that still lie in the memory of the kernel alone.</summary>
    internal ChunkSet Unsynced { get; } = new();

    /// <summary>Where the first record lies whose chunks were never synced; null when all were.</summary>
    internal long? FirstUnsyncedPosition { get; private set; }

    /// <summary>To be called after the last record: decides on what was never synced.</summary>
    internal void Finish()
    {
        while (_unsynced.TryDequeue(out (long Position, ChunkSet Chunks, bool SameKernel) record))
        {
            FirstUnsyncedPosition ??= record.Position;
            (record.SameKernel ? Unsynced : Doubtful).UnionWith(record.Chunks);
        }

        Trusted.UnionWith(Unsynced);
        Doubtful.ExceptWith(Trusted);
    }

    /// <summary>No longer trusts what the journal tells of these chunks, and returns those of which it tells something.</summary>
    internal ChunkSet Doubt(ChunkRange range)
    {
        var claimed = new ChunkSet();
        foreach (ChunkRange run in Trusted.Runs) AddOverlap(claimed, run, range);
        foreach (ChunkRange run in Doubtful.Runs) AddOverlap(claimed, run, range);
        Trusted.ExceptWith(claimed);
        Doubtful.UnionWith(claimed);
        return claimed;
    }

    private static void AddOverlap(ChunkSet set, ChunkRange run, ChunkRange range)
    {
        int first = Math.Max(run.First, range.First);
        int end = Math.Min(run.End, range.End);
        if (first < end) set.Add(new ChunkRange(first, end - first));
    }

    private bool TryApplyManifest(ReadOnlySpan<byte> bytes)
    {
        if (!IsManifestOf(descriptor, bytes, out ShareManifest? manifest)) return false;
        Manifest = manifest;
        Hashes = new HashStore(manifest.Layout);
        return true;
    }

    /// <summary>Whether these are the canonical bytes of the manifest of the share.</summary>
    internal static bool IsManifestOf(
        ShareDescriptor share, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ShareManifest? manifest)
    {
        manifest = null;
        return share.Kind == ShareKind.Directory
            && Sha256Digest.Of(bytes) == share.Root
            && ShareManifest.TryParse(bytes, out manifest)
            && manifest.Layout.ChunkSize == share.ChunkSize
            && manifest.Layout.SizeBytes == share.SizeBytes;
    }

    private void Settle(long before)
    {
        while (_unsynced.TryPeek(out (long Position, ChunkSet Chunks, bool) record) && record.Position < before)
        {
            Trusted.UnionWith(record.Chunks);
            _unsynced.Dequeue();
        }
    }

    private bool TryApplyLost(ReadOnlySpan<byte> bytes)
    {
        if (!JournalFormat.TryReadRuns(bytes, descriptor.ChunkCount, out ChunkSet lost)) return false;
        Trusted.ExceptWith(lost);
        foreach ((long, ChunkSet Chunks, bool) record in _unsynced) record.Chunks.ExceptWith(lost);
        return true;
    }
}
