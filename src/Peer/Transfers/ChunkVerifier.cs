using System.Buffers;

namespace CS3103P2P.Peer.Transfers;

/// <summary>
/// Hashes and writes chunks on pool threads, so that connections read on meanwhile. How many there are at once is bounded by the download's
/// budget of bytes in flight.
/// </summary>
/// <param name="content">Judges and keeps the chunks.</param>
/// <param name="judged">Called with each verdict, on a pool thread.</param>
/// <param name="failed">Called when the disk failed, before the verdict.</param>
internal sealed class ChunkVerifier(IDownloadContent content, Action<ReceivedChunk, ChunkVerdict> judged, Action<StorageException> failed)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;
    private int _running;

    public void Queue(ReceivedChunk received)
    {
        lock (_gate) _running++;
        ThreadPool.UnsafeQueueUserWorkItem(Verify, received, preferLocal: false);
    }

    /// <summary>Waits until nothing is being written any more.</summary>
    public Task WaitUntilIdleAsync()
    {
        lock (_gate)
        {
            if (_running == 0) return Task.CompletedTask;
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private void Verify(ReceivedChunk received)
    {
        ChunkVerdict verdict = ChunkVerdict.HashUnknown;
        try
        {
            verdict = content.AcceptChunk(received.Chunk, received.Buffer.AsSpan(0, received.Length));
        }
        catch (Exception e)
        {
            // On a pool thread an exception that escapes would end the process.
            failed(e as StorageException ?? new StorageException(StorageErrorReason.IoError, e.Message, e));
        }

        ArrayPool<byte>.Shared.Return(received.Buffer);
        judged(received, verdict);
        lock (_gate)
        {
            if (--_running == 0) _idle?.TrySetResult();
        }
    }
}
