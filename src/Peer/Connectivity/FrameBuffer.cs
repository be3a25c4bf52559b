using System.Buffers;
using System.Runtime.CompilerServices;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// Bytes that have come and are not yet used. Reads little ahead, so that data which follows the front of a frame can be read straight to
/// where it belongs. One user at a time.
/// </summary>
internal sealed class FrameBuffer(Stream stream) : IDisposable
{
    private const int ReadAheadBytes = 4 * 1024;
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>What can be used.</summary>
    public ReadOnlySpan<byte> Available => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Notes bytes as used.</summary>
    public void Advance(int bytes) => _start += bytes;

    /// <summary>Waits until there is something to read, without holding memory. To be called when nothing is available.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        Dispose();
        await stream.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads until so many bytes are available; false when the stream ends before.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(int bytes, CancellationToken cancellationToken)
    {
        MakeRoom(bytes);
        while (_end - _start < bytes)
        {
            int room = Math.Max(ReadAheadBytes, bytes) - (_end - _start);
            int read = await stream.ReadAsync(_buffer.AsMemory(_end, Math.Min(room, _buffer.Length - _end)), cancellationToken).ConfigureAwait(false);
            if (read == 0) return false;
            _end += read;
        }

        return true;
    }

    /// <summary>Moves available bytes to where they belong; returns how many.</summary>
    public int Take(Span<byte> destination)
    {
        int bytes = Math.Min(destination.Length, _end - _start);
        _buffer.AsSpan(_start, bytes).CopyTo(destination);
        _start += bytes;
        return bytes;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private void MakeRoom(int bytes)
    {
        if (_start == _end) _start = _end = 0;
        if (_buffer.Length - _start >= Math.Max(bytes, ReadAheadBytes)) return;
        int wanted = Math.Max(bytes, ReadAheadBytes);
        byte[] target = wanted > _buffer.Length ? ArrayPool<byte>.Shared.Rent(wanted) : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
        if (target != _buffer && _buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
        _end -= _start;
        _start = 0;
    }
}
