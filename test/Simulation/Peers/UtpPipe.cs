using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Simulation;

/// <summary>The bytes of a uTP connection for those who await them: the stream of the product without its threads.</summary>
internal sealed class UtpPipe(UtpDriver driver, UtpConnection connection, bool isInitiator)
{
    private readonly AsyncSignal _readable = new();
    private readonly AsyncSignal _writable = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isKilled;
    private bool _isDisposed;

    public TransportAddress RemoteAddress => connection.RemoteAddress;

    public bool IsInitiator => isInitiator;

    /// <summary>Bytes that the other end acknowledged.</summary>
    public long AcknowledgedBytes => connection.Outgoing.ReleasedPosition;

    /// <summary>Bytes that have come, in order.</summary>
    public long ArrivedBytes => connection.Incoming.WrittenPosition;

    /// <summary>Whether this end still takes what comes.</summary>
    public bool IsTaking => !_isDisposed && !_isKilled && connection.CloseReason == UtpCloseReason.None;

    /// <summary>Completes when the handshake is over; fails when it failed.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Why the connection ended.</summary>
    public UtpCloseReason CloseReason => connection.CloseReason;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            ThrowIfGone();
            int count = connection.Incoming.Read(buffer.Span);
            if (count > 0)
            {
                driver.Touch(connection);
                return count;
            }

            if (connection.IsReceiveFinished || connection.CloseReason == UtpCloseReason.Finished) return 0;
            ThrowIfClosed();
            await _readable.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            ThrowIfGone();
            ThrowIfClosed();
            int count = connection.Outgoing.Write(buffer.Span);
            if (count > 0) driver.Touch(connection);
            buffer = buffer[count..];
            if (buffer.IsEmpty) return;
            await _writable.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void HandleEvents(UtpEvents events)
    {
        if ((events & UtpEvents.Closed) != 0) _connected.TrySetException(new IOException($"uTP: {connection.CloseReason}"));
        else if ((events & UtpEvents.Connected) != 0) _connected.TrySetResult();
        _ = _connected.Task.Exception;
        _readable.Set();
        _writable.Set();
    }

    public void Close()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        if (!_isKilled)
        {
            connection.Close(driver.Now);
            driver.Touch(connection);
        }

        _readable.Set();
        _writable.Set();
    }

    public void Kill()
    {
        _isKilled = true;
        _connected.TrySetException(new IOException("The program died."));
        _ = _connected.Task.Exception;
        _readable.Set();
        _writable.Set();
    }

    private void ThrowIfGone()
    {
        if (_isKilled) throw new IOException("The program died.");
        ObjectDisposedException.ThrowIf(_isDisposed, this);
    }

    private void ThrowIfClosed()
    {
        if (connection.CloseReason != UtpCloseReason.None) throw new IOException($"uTP: {connection.CloseReason}");
    }
}
