using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Drives a TURN client over TCP or TLS: one task reads, one writes what the machine has to send.</summary>
internal sealed class TurnStreamConnection : TurnConnection
{
    private const int WriteBufferBytes = 64 << 10;
    private const int LongestMessageBytes = 4 << 10;   // what a machine writes at a time

    private readonly Stream _stream;
    private readonly TransportAddress _server;
    private readonly TurnClientMachine _machine;
    private readonly MonotonicClock _clock;
    private readonly Action _lost;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private Task _reading = Task.CompletedTask;
    private Task _writing = Task.CompletedTask;

    /// <param name="stream">The connection; owned from now on.</param>
    /// <param name="server">The server's address, which the machine expects as the source.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="lost">Is called, as the machine is, when the connection ends by itself.</param>
    public TurnStreamConnection(Stream stream, TransportAddress server, TurnClientMachine machine, TimeProvider timeProvider, Action lost)
    {
        _stream = stream;
        _server = server;
        _machine = machine;
        _clock = new MonotonicClock(timeProvider);
        _lost = lost;
        _timer = timeProvider.CreateTimer(_ => Signal(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins to read and write.</summary>
    public void Start()
    {
        _reading = RunAsync(ReadAsync);
        _writing = RunAsync(WriteAsync);
    }

    public override bool TryInvoke(Action<MonotonicTime> action)
    {
        if (_stopping.IsCancellationRequested) return false;
        lock (_gate) action(_clock.Now);
        Signal();
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection broke or was closed: told below, as the end of either loop.
        }

        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        lock (_gate) _lost();
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        byte[] buffer = new byte[TurnStreamFraming.MaxFrameBytes];
        while (true)
        {
            await _stream.ReadExactlyAsync(buffer.AsMemory(0, TurnStreamFraming.PrefixBytes), stopping).ConfigureAwait(false);
            if (!TurnStreamFraming.TryGetFrameBytes(buffer, out int frameBytes)) return;
            Memory<byte> rest = buffer.AsMemory(TurnStreamFraming.PrefixBytes, frameBytes - TurnStreamFraming.PrefixBytes);
            await _stream.ReadExactlyAsync(rest, stopping).ConfigureAwait(false);
            HandleFrame(buffer.AsSpan(0, frameBytes));
            Signal();
        }
    }

    private void HandleFrame(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (StunMessage.TryParse(frame, out StunMessage message)) _machine.HandleMessage(_clock.Now, _server, message);
            else _machine.HandleChannelData(_clock.Now, _server, frame);
        }
    }

    // Backpressure needs nothing more: while a write waits, the machine's bounded queue fills and then drops.
    private async Task WriteAsync(CancellationToken stopping)
    {
        byte[] buffer = new byte[WriteBufferBytes];
        while (true)
        {
            int bytes = Drain(buffer, out TimeSpan wait);
            if (bytes > 0)
            {
                await _stream.WriteAsync(buffer.AsMemory(0, bytes), stopping).ConfigureAwait(false);
                continue;
            }

            _timer.Change(wait, Timeout.InfiniteTimeSpan);
            await _work.WaitAsync(stopping).ConfigureAwait(false);
        }
    }

    private int Drain(Span<byte> buffer, out TimeSpan wait)
    {
        int bytes = 0;
        lock (_gate)
        {
            MonotonicTime now = _clock.Now;
            if (_machine.Deadline is { } due && due <= now) _machine.HandleTimeout(now);
            while (buffer.Length - bytes >= LongestMessageBytes && _machine.PollTransmit(now, buffer[bytes..], out Transmit transmit))
            {
                bytes += transmit.TotalBytes;
            }

            wait = _machine.Deadline is not { } next ? Timeout.InfiniteTimeSpan : next <= now ? TimeSpan.Zero : next - now;
        }

        return bytes;
    }

    private void Signal()
    {
        lock (_work)
        {
            if (_work.CurrentCount == 0) _work.Release();
        }
    }
}
