using System.Buffers;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>What waits to be sent on one connection: small frames first, then data. Thread-safe; one reader.</summary>
internal sealed class FrameQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Frame, int Length)> _frames = new();
    private Queue<BlockJob> _blocks = new();
    private readonly AsyncSignal _filled = new();
    private int _frameBytes;
    private bool _closed;

    /// <summary>How full it is.</summary>
    public IEnumerable<TableUse> Tables
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    new("frames waiting", _frames.Count, ConnectionLimits.MaxQueuedFrames), new("bytes of frames waiting", _frameBytes, ConnectionLimits.MaxQueuedFrameBytes),
                    new("pieces waiting", _blocks.Count, ConnectionLimits.MaxQueuedBlocks),
                ];
            }
        }
    }

    /// <summary>Adds a whole frame; false when too many wait, or the connection has ended.</summary>
    public bool TryAdd(PeerFrameHeader header, ReadOnlySpan<byte> message)
    {
        int room = PeerFrameHeader.MaxHeaderBytes + message.Length;
        byte[] frame = ArrayPool<byte>.Shared.Rent(room);
        int length = header.Write(frame);
        message.CopyTo(frame.AsSpan(length));
        length += message.Length;
        lock (_gate)
        {
            if (_closed || _frames.Count == ConnectionLimits.MaxQueuedFrames || _frameBytes + length > ConnectionLimits.MaxQueuedFrameBytes)
            {
                ArrayPool<byte>.Shared.Return(frame);
                return false;
            }

            _frames.Enqueue((frame, length));
            _frameBytes += length;
        }

        _filled.Set();
        return true;
    }

    /// <summary>Adds a piece of data; false when too many wait.</summary>
    public bool TryAdd(in BlockJob job)
    {
        lock (_gate)
        {
            if (_closed || _blocks.Count == ConnectionLimits.MaxQueuedBlocks) return false;
            _blocks.Enqueue(job);
        }

        _filled.Set();
        return true;
    }

    /// <summary>Forgets the pieces of a channel: those given, or all when none are.</summary>
    public void Cancel(uint channel, IReadOnlySet<BlockRequest>? blocks)
    {
        lock (_gate)
        {
            var kept = new Queue<BlockJob>(_blocks.Count);
            foreach (BlockJob job in _blocks)
            {
                if (job.Channel != channel || (blocks is not null && !blocks.Contains(job.Block))) kept.Enqueue(job);
            }

            _blocks = kept;
        }
    }

    /// <summary>Waits until something may be there to be sent, or the connection has ended. One waiter.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_closed || _frames.Count > 0 || _blocks.Count > 0) return ValueTask.CompletedTask;
        }

        return _filled.WaitAsync(CancellationToken.None);
    }

    /// <summary>Moves whole frames to a buffer, as many as fit; returns their length.</summary>
    public int TakeFrames(Span<byte> buffer)
    {
        int at = 0;
        lock (_gate)
        {
            while (_frames.TryPeek(out (byte[] Frame, int Length) next) && next.Length <= buffer.Length - at)
            {
                _frames.Dequeue();
                next.Frame.AsSpan(0, next.Length).CopyTo(buffer[at..]);
                at += next.Length;
                ArrayPool<byte>.Shared.Return(next.Frame);
            }

            _frameBytes -= at;
        }

        return at;
    }

    /// <summary>Takes the next piece unless it is larger than the room left, or of another share than the one given.</summary>
    public bool TryTakeBlock(int room, ServedShare? share, out BlockJob job)
    {
        lock (_gate)
        {
            if (!_blocks.TryPeek(out job) || job.Block.Length > room || (share is not null && job.Share != share)) return false;
            _blocks.Dequeue();
            return true;
        }
    }

    /// <summary>Drops everything; nothing can be added any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_frames.TryDequeue(out (byte[] Frame, int Length) next)) ArrayPool<byte>.Shared.Return(next.Frame);
            _frameBytes = 0;
            _blocks.Clear();
        }

        _filled.Set();
    }
}
