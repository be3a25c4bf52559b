using System.Runtime.CompilerServices;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// Sends what a connection's queue holds: gathers small frames and data in one buffer, and writes it whole, or slice by slice where a rate is to
/// be held. One loop.
/// </summary>
internal sealed class FrameWriter(Stream stream, FrameQueue queue, ConnectionWatch watch, ConnectionContext context, Action<BlockJob, RefusalReason> refuse)
{
    private const int MaxBlockFront = PeerFrameHeader.MaxHeaderBytes + FileDataHeader.MaxBytes;

    // Left free before what is sent, so that data lies some 150 bytes behind the begin of a page, not 30: the kernel copies a page of a file to 8 to 40 bytes
    // behind the begin of another page three to four times slower than elsewhere (AMD Zen 3: loads wait for stores that seem to be to the same place).
    private const int Offset = 128;

    private Memory<byte> _buffer;
    private int _length;
    private int _blockBytes;
    private ServedShare? _share;

    /// <summary>Writes until the queue is closed.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            ValueTask waiting = queue.WaitAsync();
            if (!waiting.IsCompleted && _buffer.Length > 0)
            {
                // An idle connection holds no memory.
                context.SendBuffers.Return(_buffer);
                _buffer = default;
            }

            await waiting.ConfigureAwait(false);
            if (_buffer.Length == 0) _buffer = context.SendBuffers.Rent(ConnectionLimits.SendBufferBytes);
            Gather();
            if (_length > 0) await SendAsync(stop).ConfigureAwait(false);
        }

        // The buffer is not returned when the loop is torn out of a write: the stream may still hold it.
    }

    // Data of one share at a time, because each may have a rate of its own.
    private void Gather()
    {
        _share = null;
        _blockBytes = 0;
        Span<byte> room = _buffer.Span[Offset..];
        _length = queue.TakeFrames(room);
        while (queue.TryTakeBlock(room.Length - _length - MaxBlockFront, _share, out BlockJob job))
        {
            _share = job.Share;
            _length += WriteBlock(job, room[_length..]);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(CancellationToken stop)
    {
        RateLimiter perShare = _blockBytes > 0 ? _share!.Uploads : RateLimiter.None;
        RateLimiter perNode = _blockBytes > 0 ? context.Uploads : RateLimiter.None;
        int slice = Math.Min(perShare.SliceBytes, perNode.SliceBytes);
        for (int at = 0; at < _length;)
        {
            int bytes = Math.Min(slice, _length - at);
            await perShare.WaitAsync(bytes, stop).ConfigureAwait(false);
            await perNode.WaitAsync(bytes, stop).ConfigureAwait(false);
            watch.NoteWriteStart();
            await stream.WriteAsync(_buffer.Slice(Offset + at, bytes), stop).ConfigureAwait(false);
            at += bytes;
            if (at == _length || slice < _length) await stream.FlushAsync(stop).ConfigureAwait(false);
            watch.NoteWriteEnd(isData: _blockBytes > 0);
        }

        if (_blockBytes > 0) context.Metrics.Sent(_blockBytes);
    }

    private int WriteBlock(in BlockJob job, Span<byte> buffer)
    {
        IShareContent content = job.Share.Content;
        BlockRequest block = job.Block;
        var data = new FileDataHeader(((long)block.Chunk * content.Descriptor.ChunkSize) + block.Offset, block.Length);
        int at = new PeerFrameHeader(PeerMessageType.FileData, watch.UnixSeconds, job.Channel, data.MessageLength).Write(buffer);
        at += data.Write(buffer[at..]);
        RefusalReason reason = RefusalReason.NotAvailable;
        try
        {
            if (content.ReadChunk(block.Chunk, block.Offset, buffer.Slice(at, block.Length)) == block.Length)
            {
                _blockBytes += block.Length;
                return at + block.Length;
            }
        }
        catch (StorageException e)
        {
            context.Logger.LogWarning("{Share} cannot be served: {Reason}", job.Share.Content.Descriptor.Name, e.Message);
            reason = RefusalReason.ReadFailed;
        }

        refuse(job, reason);
        return 0;
    }
}
