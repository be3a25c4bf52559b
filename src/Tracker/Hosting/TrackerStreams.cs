using System.Collections.Concurrent;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>
/// The tracker over TCP, on the port number that it has over UDP, for peers whose network lets no UDP through: one line is one message. To the
/// <see cref="TrackerCore"/> all connections together are one socket, and a connection's remote address is the peer's.
/// </summary>
internal sealed class TrackerStreams : IAsyncDisposable
{
    private const int MaxConnections = 10_000;

    private readonly TcpTransport _listener;
    private readonly TrackerMachine _machine;
    private readonly Lock _gate;
    private readonly MonotonicClock _clock;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<TransportAddress, TrackerStream> _connections = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly byte[] _buffer = new byte[TrackerLimits.MaxRequestBytes];   // under the gate
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;

    private TrackerStreams(TcpTransport listener, TrackerMachine machine, Lock gate, MonotonicClock clock, ILogger logger)
    {
        _listener = listener;
        _machine = machine;
        _gate = gate;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Listens and begins to answer; null when the port is another program's, which only costs those who need TCP.</summary>
    public static TrackerStreams? TryStart(TransportAddress address, TrackerCore core, Lock gate, MonotonicClock clock, ILogger logger)
    {
        try
        {
            var streams = new TrackerStreams(TcpTransport.Listen(address, logger), core.AddSocket(), gate, clock, logger);
            streams._accepting = streams.AcceptAsync();
            return streams;
        }
        catch (SocketException e)
        {
            logger.LogWarning("No TCP on {Address} ({Reason}): peers whose network blocks UDP cannot reach this tracker.", address, e.SocketErrorCode);
            return null;
        }
    }

    /// <summary>Sends what waits.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            while (_machine.PollTransmit(_clock.Now, _buffer, out Transmit transmit))
            {
                if (_connections.TryGetValue(transmit.Destination, out TrackerStream? connection)) connection.Send(_buffer.AsSpan(0, transmit.TotalBytes));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_running.Keys).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                TcpAccepted accepted = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                var connection = new TrackerStream(accepted.Stream);
                if (_connections.Count >= MaxConnections || !_connections.TryAdd(accepted.RemoteAddress, connection))
                {
                    await accepted.DisposeAsync().ConfigureAwait(false);
                    continue;
                }

                Task running = RunAsync(accepted.RemoteAddress, connection);
                _running[running] = true;
                _ = running.ContinueWith(done => _running.TryRemove(done, out bool _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            _logger.LogDebug("No more TCP connections are accepted.");
        }
    }

    private async Task RunAsync(TransportAddress remote, TrackerStream connection)
    {
        await Task.Yield();
        await connection.RunAsync(
            line =>
            {
                lock (_gate) _machine.HandleDatagram(_clock.Now, remote, line.Span);
                Wake();
            },
            _stop.Token).ConfigureAwait(false);
        _connections.TryRemove(remote, out _);
    }
}
