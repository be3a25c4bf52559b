using System.Net.Sockets;
using System.Threading.Channels;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>
/// The way to the tracker over TCP, for networks that let no UDP through: one line is one message. Tried when UDP stays without an answer. All but the
/// reading runs on the socket's loop.
/// </summary>
internal sealed class TrackerLine(DatagramEndpoint endpoint, Action<TransportAddress, ReadOnlyMemory<byte>> received, Action opened) : IDisposable
{
    private const int MaxQueuedLines = 64;
    private static readonly TimeSpan FirstPatience = TimeSpan.FromMilliseconds(400);   // long for an answer, short for a person
    private static readonly TimeSpan LaterPatience = TimeSpan.FromSeconds(6);            // where UDP has worked before
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfterUse = TimeSpan.FromMilliseconds(300);   // routers that reboot break connections

    private readonly CancellationTokenSource _stop = new();
    private Channel<byte[]>? _lines;
    private MonotonicTime? _unansweredSince;
    private MonotonicTime _notBefore;
    private bool _isTrying;
    private bool _hasUdp;

    /// <summary>When <see cref="Consider"/> is due; null when UDP does, or TCP is in use or on its way.</summary>
    public MonotonicTime? Deadline
    {
        get
        {
            if (_isTrying || _unansweredSince is not { } since) return null;
            MonotonicTime due = since + (_hasUdp ? LaterPatience : FirstPatience);
            return due > _notBefore ? due : _notBefore;
        }
    }

    /// <summary>The tracker has answered by UDP.</summary>
    public void HandleAnswer()
    {
        _unansweredSince = null;
        _hasUdp = true;
    }

    /// <summary>Something goes out: by TCP when that is open, and then true.</summary>
    public bool TrySend(MonotonicTime now, ReadOnlySpan<byte> message)
    {
        if (_lines is null)
        {
            _unansweredSince ??= now;
            return false;
        }

        _lines.Writer.TryWrite([.. message, (byte)'\n']);
        return true;
    }

    /// <summary>Opens a connection when UDP has been without an answer for too long.</summary>
    public void Consider(MonotonicTime now, TransportAddress? tracker)
    {
        if (tracker is not { } address || Deadline is not { } due || now < due) return;
        _isTrying = true;
        _ = RunAsync(address);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(TransportAddress address)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await Task.Yield();
            await using Stream stream = await ConnectAsync(address, end.Token).ConfigureAwait(false);
            var lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueuedLines) { FullMode = BoundedChannelFullMode.DropWrite });
            endpoint.TryPost(() => Open(lines));
            Task writing = WriteAsync(stream, lines.Reader, end.Token);
            await Task.WhenAny(writing, ReadAsync(stream, address, end.Token)).ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // No way by TCP either, or not any more: UDP is tried again, and TCP after a while.
        }

        endpoint.TryPost(() =>
        {
            bool wasInUse = _lines is not null;
            _lines = null;
            _isTrying = false;
            _unansweredSince = null;
            _notBefore = endpoint.Clock.Now + (wasInUse ? RetryAfterUse : RetryPeriod);
        });
    }

    private async Task<Stream> ConnectAsync(TransportAddress address, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, endpoint.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        return await endpoint.Network.ConnectTcpAsync(address, either.Token).ConfigureAwait(false);
    }

    private void Open(Channel<byte[]> lines)
    {
        if (_unansweredSince is null)
        {
            lines.Writer.Complete();   // UDP has answered meanwhile, and shows the tracker the address that peers need
            return;
        }

        _lines = lines;
        _hasUdp = false;
        opened();
    }

    private async Task ReadAsync(Stream stream, TransportAddress address, CancellationToken stop)
    {
        byte[] buffer = new byte[TrackerLimits.MaxRequestBytes];
        int filled = 0;
        while (filled < buffer.Length)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(filled), stop).ConfigureAwait(false);
            if (read == 0) return;
            filled += read;
            int start = 0;
            for (int length; (length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                byte[] line = buffer.AsSpan(start, length).ToArray();
                endpoint.TryPost(() => received(address, line));
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
    }

    private static async Task WriteAsync(Stream stream, ChannelReader<byte[]> lines, CancellationToken stop)
    {
        await foreach (byte[] line in lines.ReadAllAsync(stop).ConfigureAwait(false)) await stream.WriteAsync(line, stop).ConfigureAwait(false);
    }
}
