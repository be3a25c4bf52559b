using System.Buffers;
using System.Runtime.CompilerServices;

namespace CS3103P2P.Transport;

/// <summary>
/// Stands between TLS and the transport, so that a system call carries many TLS records: reads ahead, and gathers full records until a shorter
/// one or a flush. Holds memory only while data is on its way; of a bulk transfer, until something small is written. One reader and one writer at a time.
/// </summary>
internal sealed class CoalescingStream(Stream inner) : Stream
{
    private const int FirstReadBytes = 8 * 1024;
    private const int ReadBytes = 128 * 1024;
    private const int WriteBytes = 128 * 1024;

    // A full TLS record has 16 KiB of data; whatever is shorter ends what its writer had to say.
    private const int FullRecordBytes = 16 * 1024;

    // Whoever sends this much at once will do so again: the system's shared pool loses a buffer now and then when threads change.
    private const int BulkBytes = 64 * 1024;

    private byte[] _readBuffer = [];
    private byte[] _writeBuffer = [];
    private int _nextReadBytes = FirstReadBytes;
    private int _readStart;
    private int _readEnd;
    private int _written;

    /// <summary>Whether everything is gathered until <see cref="SendAsync"/>, as far as there is room.</summary>
    public bool IsHolding { get; set; }

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

    /// <summary>Reads; with an empty buffer waits until there is something to read, and holds no memory meanwhile.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_readStart == _readEnd)
        {
            if (buffer.IsEmpty)
            {
                ReturnReadBuffer();
                return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }

            MakeReadBuffer();
            _readEnd = await inner.ReadAsync(_readBuffer.AsMemory(0, _nextReadBytes), cancellationToken).ConfigureAwait(false);
            if (_readEnd == _nextReadBytes) _nextReadBytes = ReadBytes;
        }

        return Take(buffer.Span);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_readStart == _readEnd && !buffer.IsEmpty)
        {
            MakeReadBuffer();
            _readEnd = inner.Read(_readBuffer, 0, _nextReadBytes);
        }

        return Take(buffer);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_written + buffer.Length > WriteBytes) await SendAsync(cancellationToken).ConfigureAwait(false);
        if (buffer.Length > WriteBytes)
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_writeBuffer.Length == 0) _writeBuffer = ArrayPool<byte>.Shared.Rent(WriteBytes);
        buffer.CopyTo(_writeBuffer.AsMemory(_written));
        _written += buffer.Length;
        if (buffer.Length < FullRecordBytes && !IsHolding) await SendAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Flush();
        inner.Write(buffer);
    }

    /// <summary>Hands over what was gathered.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_written == 0) return;
        int length = _written;
        byte[] buffer = _writeBuffer;
        _written = 0;
        _writeBuffer = [];
        await inner.WriteAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);

        // Not kept when the write is torn: the transport may still hold it.
        if (length >= BulkBytes) _writeBuffer = buffer;
        else ArrayPool<byte>.Shared.Return(buffer);
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
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        int length = _written;
        _written = 0;
        if (length > 0) inner.Write(_writeBuffer, 0, length);
        inner.Flush();
    }

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
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _readEnd - _readStart);
        _readBuffer.AsSpan(_readStart, length).CopyTo(buffer);
        _readStart += length;
        return length;
    }

    private void MakeReadBuffer()
    {
        _readStart = _readEnd = 0;
        if (_readBuffer.Length >= _nextReadBytes) return;
        ReturnReadBuffer();
        _readBuffer = ArrayPool<byte>.Shared.Rent(_nextReadBytes);
    }

    private void ReturnReadBuffer()
    {
        byte[] buffer = _readBuffer;
        _readBuffer = [];
        _readStart = _readEnd = 0;
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }
}
