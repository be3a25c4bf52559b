using System.Runtime.CompilerServices;
using CS3103P2P.Protocol;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport;

/// <summary>
/// A reliable byte stream over uTP (BEP 29). One reader and one writer at a time, which may be different threads. Writing waits when
/// <see cref="UtpOptions.SendBufferBytes"/> wait for acknowledgement; a slow reader makes the peer wait.
/// </summary>
/// <remarks>
/// Failures surface as <see cref="IOException"/> with a <see cref="UtpException"/> inside. Disposing closes gracefully in the background,
/// for no longer than <see cref="UtpOptions.Linger"/>; <see cref="AbortAsync"/> ends the connection at once.
/// </remarks>
public sealed class UtpStream : Stream
{
    private const int WindowUpdateShare = 8;

    private readonly UtpLoop _loop;
    private readonly DatagramEndpoint _endpoint;
    private readonly AsyncSignal _readable = new();
    private readonly AsyncSignal _writable = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _windowUpdateBytes;
    private int _requests;
    private int _reading;
    private int _writing;
    private int _readSinceUpdate;
    private volatile StrongBox<TransportAddress> _remoteAddress;
    private volatile bool _endOfStream;
    private volatile bool _writeShutDown;
    private volatile bool _disposed;
    private volatile UtpCloseReason _closeReason;

    internal UtpStream(UtpLoop loop, DatagramEndpoint endpoint, UtpConnection connection)
    {
        _loop = loop;
        _endpoint = endpoint;
        Connection = connection;
        _remoteAddress = new StrongBox<TransportAddress>(connection.RemoteAddress);
        _windowUpdateBytes = connection.Incoming.CapacityBytes / WindowUpdateShare;
    }

    /// <summary>The peer's address.</summary>
    public TransportAddress RemoteAddress => _remoteAddress.Value;

    /// <summary>Why the connection ended; <see cref="UtpCloseReason.None"/> while it lives.</summary>
    public UtpCloseReason CloseReason => _closeReason;

    /// <inheritdoc/>
    public override bool CanRead => !_disposed;

    /// <inheritdoc/>
    public override bool CanWrite => !_disposed && !_writeShutDown;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal UtpConnection Connection { get; }

    internal Task Connected => _connected.Task;

    /// <summary>Ends the outgoing direction after what was written; reading goes on.</summary>
    public void ShutdownWrite()
    {
        if (_writeShutDown) return;
        _writeShutDown = true;
        Request(UtpStreamRequests.ShutdownWrite);
    }

    /// <summary>Ends the connection at once in both directions; the peer is told. The task ends when the loop has done so.</summary>
    public async Task AbortAsync()
    {
        Request(UtpStreamRequests.Abort);
        try
        {
            await _endpoint.InvokeAsync(static () => { }).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The socket is gone, and the connection with it.
        }
    }

    /// <summary>Goes on with the same connection at another address of the peer, which must expect it there.</summary>
    /// <returns>False when the connection has ended, or another one of the same id exists at that address.</returns>
    public Task<bool> MigrateAsync(TransportAddress remote) => _endpoint.InvokeAsync(() =>
    {
        bool moved = _loop.Migrate(Connection, remote);
        if (moved) _remoteAddress = new StrongBox<TransportAddress>(remote);
        return moved;
    });

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (TryRead(buffer, out int count)) return count;
        byte[] copy = new byte[buffer.Length];
        int read = ReadAsync(copy, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        copy.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter(ref _reading, "A read is under way.");
        try
        {
            while (true)
            {
                if (TryTake(buffer.Span, out int count)) return count;
                await _readable.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        int written = WriteWhatFits(buffer);
        if (written == buffer.Length) return;
        WriteAsync(buffer[written..].ToArray(), CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter(ref _writing, "A write is under way.");
        try
        {
            while (true)
            {
                buffer = buffer[Put(buffer.Span)..];
                if (buffer.IsEmpty) return;
                await _writable.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    /// <summary>Does nothing: what is written is on its way.</summary>
    public override void Flush()
    {
    }

    /// <summary>Does nothing: what is written is on its way.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    internal UtpStreamRequests TakeRequests() => (UtpStreamRequests)Interlocked.Exchange(ref _requests, 0);

    internal void HandleEvents(UtpEvents events)
    {
        if (Connection.IsReceiveFinished) _endOfStream = true;
        if ((events & UtpEvents.Closed) != 0) HandleClosed(Connection.CloseReason);
        if ((events & UtpEvents.Connected) != 0) _connected.TrySetResult();
        if ((events & UtpEvents.Readable) != 0) _readable.Set();
        if ((events & UtpEvents.Writable) != 0) _writable.Set();
    }

    internal void HandleClosed(UtpCloseReason reason)
    {
        _closeReason = reason;
        _connected.TrySetException(UtpException.ToIOException(reason));
        // Nobody need have asked; a failure that is not looked at is none.
        _ = _connected.Task.Exception;
        _readable.Set();
        _writable.Set();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            Request(UtpStreamRequests.Close);
            _readable.Set();
            _writable.Set();
        }

        base.Dispose(disposing);
    }

    private static void Enter(ref int busy, string message)
    {
        if (Interlocked.Exchange(ref busy, 1) != 0) throw new InvalidOperationException(message);
    }

    private int WriteWhatFits(ReadOnlySpan<byte> buffer)
    {
        Enter(ref _writing, "A write is under way.");
        try
        {
            return Put(buffer);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    private int Put(ReadOnlySpan<byte> buffer)
    {
        ThrowIfNotWritable();
        int count = Connection.Outgoing.Write(buffer);
        if (count > 0) Request(UtpStreamRequests.Wrote);
        return count;
    }

    private bool TryRead(Span<byte> buffer, out int count)
    {
        Enter(ref _reading, "A read is under way.");
        try
        {
            return TryTake(buffer, out count);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    // True when the read can end: with bytes, at the end of the stream, or by an exception.
    private bool TryTake(Span<byte> buffer, out int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        bool ended = _endOfStream;
        UtpCloseReason reason = _closeReason;
        count = Connection.Incoming.Read(buffer);
        if (count > 0)
        {
            NoteRead(count);
            return true;
        }

        // With an empty buffer the reader waits for data, and reads it afterwards.
        if ((buffer.IsEmpty && Connection.Incoming.UsedBytes > 0) || ended || reason == UtpCloseReason.Finished) return true;
        if (reason != UtpCloseReason.None) throw UtpException.ToIOException(reason);
        return false;
    }

    private void NoteRead(int count)
    {
        _readSinceUpdate += count;
        if (_readSinceUpdate < _windowUpdateBytes) return;
        _readSinceUpdate = 0;
        Request(UtpStreamRequests.Read);
    }

    private void ThrowIfNotWritable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_writeShutDown) throw new InvalidOperationException("The outgoing direction was shut down.");
        if (_closeReason != UtpCloseReason.None) throw UtpException.ToIOException(_closeReason);
    }

    private void Request(UtpStreamRequests request)
    {
        // Whoever sets the first bit puts the stream on the list; the loop takes all bits at once.
        if (Interlocked.Or(ref _requests, (int)request) == 0) _loop.Submit(this);
    }
}
