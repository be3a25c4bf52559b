using System.Threading.Channels;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>One TCP connection of a peer with the tracker.</summary>
internal sealed class TrackerStream(Stream stream)
{
    private const int MaxQueuedLines = 64;
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(2);   // peers refresh every 20 s

    private readonly Channel<byte[]> _lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueuedLines) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Sends a message; dropped, as over UDP, when the peer does not take what it is sent.</summary>
    public void Send(ReadOnlySpan<byte> message) => _lines.Writer.TryWrite([.. message, (byte)'\n']);

    /// <summary>Reads lines until the end, which is also an idle time, a line that is too long, or an error; then closes.</summary>
    public async Task RunAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task writing = WriteAsync(end.Token);
        await ReadAsync(handle, end.Token).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReadAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken stop)
    {
        byte[] buffer = new byte[2 * TrackerLimits.MaxDatagramBytes];
        int filled = 0;
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            while (filled < buffer.Length)
            {
                idle.CancelAfter(IdleTimeout);
                int read = await stream.ReadAsync(buffer.AsMemory(filled), idle.Token).ConfigureAwait(false);
                if (read == 0) return;
                filled += read;
                int start = 0;
                for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
                {
                    handle(buffer.AsMemory(start, end));
                }

                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return;   // the peer is gone, or has been silent for too long
        }
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        try
        {
            await foreach (byte[] line in _lines.Reader.ReadAllAsync(stop).ConfigureAwait(false)) await stream.WriteAsync(line, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return;   // the reader notices too
        }
    }
}
