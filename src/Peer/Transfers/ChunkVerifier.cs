using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>
/// Hashes and writes chunks on pool threads, so that connections read on meanwhile. How many there are at once is bounded by
/// <see cref="WaitForRoomAsync"/>, and in all by the download's budget of bytes in flight.
/// </summary>
/// <param name="content">Judges and keeps the chunks.</param>
/// <param name="buffers">Where the chunks' buffers go back to.</param>
/// <param name="judged">Called with each verdict, on a pool thread.</param>
/// <param name="failed">Called when the disk failed, before the verdict.</param>
internal sealed class ChunkVerifier(
    IDownloadContent content, ChunkBufferPool buffers, Action<ReceivedChunk, ChunkVerdict> judged, Action<StorageException> failed)
{
    private const int MaxWaitingBytes = 4 * 1024 * 1024;
    private const int MinWaiting = 4;
    private const int MaxWaiting = 256;
    private readonly int _maxRunning = MaxRunning(content.Descriptor);
    private readonly Lock _gate = new();
    private readonly Stack<Job> _spare = new();
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _room;
    private int _running;

    /// <summary>How many chunks of a share may wait for their hash before connections are made to wait.</summary>
    public static int MaxRunning(ShareDescriptor share) => Math.Clamp(MaxWaitingBytes / share.ChunkSize, MinWaiting, MaxWaiting);

    public void Queue(in ReceivedChunk received)
    {
        Job? job;
        lock (_gate)
        {
            _running++;
            if (!_spare.TryPop(out job)) job = new Job(this);
        }

        job.Received = received;
        ThreadPool.UnsafeQueueUserWorkItem(job, preferLocal: false);
    }

    /// <summary>Waits while many chunks wait to be hashed: a connection reads on when there is room, so that its peer waits, not memory.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_running < _maxRunning) return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
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

    private void Verify(Job job)
    {
        ReceivedChunk received = job.Received;
        ChunkVerdict verdict = ChunkVerdict.HashUnknown;
        try
        {
            verdict = content.AcceptChunk(received.Chunk, received.Buffer.Span[..received.Length]);
        }
        catch (Exception e)
        {
            // On a pool thread an exception that escapes would end the process.
            failed(e as StorageException ?? new StorageException(StorageErrorReason.IoError, e.Message, e));
        }

        job.Received = default;
        buffers.Return(received.Buffer);
        judged(received, verdict);
        TaskCompletionSource room;
        lock (_gate)
        {
            if (_spare.Count < MaxWaiting) _spare.Push(job);
            if (--_running == 0) _idle?.TrySetResult();
            if (_room is null || _running > _maxRunning / 2) return;
            room = _room;
            _room = null;
        }

        room.SetResult();
    }

    private sealed class Job(ChunkVerifier verifier) : IThreadPoolWorkItem
    {
        public ReceivedChunk Received { get; set; }

        public void Execute() => verifier.Verify(this);
    }
}
