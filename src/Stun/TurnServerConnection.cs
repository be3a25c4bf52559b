using System.Threading.Channels;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>A TCP or TLS connection of a client to a <see cref="TurnServer"/>.</summary>
internal sealed class TurnServerConnection : IAsyncDisposable
{
    private const int MaxQueuedFrames = 256;

    // Clients refresh an allocation, or a permission, more often than this; who says nothing for longer has gone.
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(11);

    private readonly Stream _stream;
    private readonly TimeProvider _timeProvider;
    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MaxQueuedFrames) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly CancellationTokenSource _stopping = new();

    public TurnServerConnection(Stream stream, TransportAddress remote, int number, TimeProvider timeProvider)
    {
        _stream = stream;
        _timeProvider = timeProvider;
        Client = new TurnClientKey(remote, number);
    }

    public TurnClientKey Client { get; }

    /// <summary>Queues a frame; a client that does not read loses data, as over UDP.</summary>
    public void Send(ReadOnlySpan<byte> frame) => _outgoing.Writer.TryWrite(frame.ToArray());

    /// <summary>Reads frames and writes what is queued until either end closes.</summary>
    public async Task RunAsync(Action<TurnServerConnection, byte[], int> received)
    {
        Task writing = WriteAsync(_stopping.Token);
        try
        {
            await ReadAsync(received, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has gone, or the server stops: the caller ends the allocation.
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(false);
    }

    /// <summary>Makes <see cref="RunAsync"/> end.</summary>
    public void Close() => _stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task ReadAsync(Action<TurnServerConnection, byte[], int> received, CancellationToken stopping)
    {
        byte[] buffer = new byte[TurnStreamFraming.MaxFrameBytes];
        using var idle = new CancellationTokenSource(IdleLimit, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stopping);
        while (true)
        {
            await _stream.ReadExactlyAsync(buffer.AsMemory(0, TurnStreamFraming.PrefixBytes), either.Token).ConfigureAwait(false);
            if (!TurnStreamFraming.TryGetFrameBytes(buffer, out int frameBytes)) return;
            Memory<byte> rest = buffer.AsMemory(TurnStreamFraming.PrefixBytes, frameBytes - TurnStreamFraming.PrefixBytes);
            await _stream.ReadExactlyAsync(rest, either.Token).ConfigureAwait(false);
            idle.CancelAfter(IdleLimit);
            received(this, buffer, frameBytes);
        }
    }

    private async Task WriteAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (byte[] frame in _outgoing.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
            {
                await _stream.WriteAsync(frame, stopping).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);   // the reader then ends the connection
        }
    }
}
