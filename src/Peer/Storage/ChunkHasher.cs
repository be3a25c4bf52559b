using System.Buffers;
using System.Collections.Concurrent;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>Hashes chunks of files on all cores, at the speed of SHA-256 or of the disk. Memory: one buffer of a chunk or 1 MiB a core.</summary>
internal static class ChunkHasher
{
    private const int ReadBytes = 1024 * 1024;

    /// <summary>Hashes the chunks and hands over each hash; from several threads at once.</summary>
    /// <param name="files">The files of the layout.</param>
    /// <param name="layout">Where the chunks lie; its roots do not matter.</param>
    /// <param name="chunks">Which chunks to hash.</param>
    /// <param name="sink">Takes chunk and hash; the hash is null when the file ends before the chunk does.</param>
    /// <param name="progress">Told after each read.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <exception cref="StorageException">A file cannot be read.</exception>
    internal static async Task HashAsync(
        FileSet files,
        ShareLayout layout,
        ChunkSet chunks,
        Action<int, Sha256Digest?> sink,
        IProgress<HashProgress>? progress,
        CancellationToken cancellationToken)
    {
        long total = (long)chunks.Count * layout.ChunkSize;
        total = chunks.Count == layout.ChunkCount ? Math.Min(total, layout.SizeBytes) : total;
        long done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        var units = Partitioner.Create(Units(layout, chunks.Clone()), EnumerablePartitionerOptions.NoBuffering);
        await Task.Run(
            () =>
            {
                try
                {
                    Parallel.ForEach(units, options, unit =>
                    {
                        HashUnit(files, layout, unit, sink);
                        long now = Interlocked.Add(ref done, (long)unit.Count * layout.ChunkSize);
                        progress?.Report(new HashProgress(Math.Min(now, total), total));
                    });
                }
                catch (AggregateException e)
                {
                    // All workers fail alike when a disk fails; the first of them tells why.
                    throw e.InnerExceptions.OfType<StorageException>().FirstOrDefault() ?? e.InnerExceptions[0];
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static void HashUnit(FileSet files, ShareLayout layout, ChunkRange unit, Action<int, Sha256Digest?> sink)
    {
        ChunkPlace first = layout.Locate(unit.First);
        ChunkPlace last = layout.Locate(unit.End - 1);
        int length = (int)(last.Offset + last.Length - first.Offset);
        MerkleLayout tree = layout.TreeOf(first.File);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int read;
            using (FileSet.Lease lease = files.Rent(first.File)) read = lease.File.Read(buffer.AsSpan(0, length), first.Offset);
            for (int chunk = unit.First, at = 0; chunk < unit.End; chunk++, at += layout.ChunkSize)
            {
                int chunkLength = Math.Min(layout.ChunkSize, length - at);
                sink(chunk, at + chunkLength <= read ? MerkleTree.HashChunk(tree, buffer.AsSpan(at, chunkLength)) : null);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Ranges that lie in one file and are read at once.
    private static IEnumerable<ChunkRange> Units(ShareLayout layout, ChunkSet chunks)
    {
        int maxCount = Math.Max(1, ReadBytes / layout.ChunkSize);
        for (int i = 0; i < chunks.RunCount; i++)
        {
            ChunkRange run = chunks.Runs[i];
            for (int at = run.First; at < run.End;)
            {
                int fileEnd = layout.ChunksOf(layout.Locate(at).File).End;
                int end = Math.Min(Math.Min(run.End, fileEnd), at + Math.Min(maxCount, run.End - at));
                yield return new ChunkRange(at, end - at);
                at = end;
            }
        }
    }
}
