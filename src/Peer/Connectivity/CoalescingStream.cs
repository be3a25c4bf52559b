using System.Runtime.CompilerServices;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// Stands between TLS and the transport, so that a system call carries many TLS records: reads ahead, and gathers full records until a shorter
/// one or a flush. One reader and one writer at a time.
/// </summary>
internal sealed class CoalescingStream(Stream inner) : Stream
{
    private const int FirstReadBytes = 8 * 1024;
    private const int ReadBytes = 128 * 1024;
    private const int WriteBytes = 256 * 1024;

    // A full TLS record has 16 KiB of data; whatever is shorter ends what its writer had to say.
    private const int FullRecordBytes = 16 * 1024;

    // Small, or none, as long as the connection carries no data: there may be many.
    private byte[] _readBuffer = new byte[FirstReadBytes];
    private byte[] _writeBuffer = [];
    private int _readStart;
    private int _readEnd;
    private int _written;

    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => inner.CanWrite;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;   // a wait for data, which the caller follows by a real read
        if (_readStart == _readEnd)
        {
            if (_readEnd == _readBuffer.Length && _readEnd < ReadBytes) _readBuffer = new byte[ReadBytes];
            _readStart = _readEnd = 0;
            int read = await inner.ReadAsync(_readBuffer, cancellationToken).ConfigureAwait(false);
            if (read == 0) return 0;
            _readEnd = read;
        }

        int length = Math.Min(buffer.Length, _readEnd - _readStart);
        _readBuffer.AsSpan(_readStart, length).CopyTo(buffer.Span);
        _readStart += length;
        return length;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length >= FullRecordBytes && _writeBuffer.Length == 0) _writeBuffer = new byte[WriteBytes];
        if (buffer.Length > _writeBuffer.Length - _written) await SendAsync(cancellationToken).ConfigureAwait(false);
        if (buffer.Length > _writeBuffer.Length)
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        buffer.CopyTo(_writeBuffer.AsMemory(_written));
        _written += buffer.Length;
        if (buffer.Length < FullRecordBytes) await SendAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await SendAsync(cancellationToken).ConfigureAwait(false);
        await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException("Flush asynchronously.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
                inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_written == 0) return;
        int length = _written;
        _written = 0;
        await inner.WriteAsync(_writeBuffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
    }

}
