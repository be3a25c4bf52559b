using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>The tracker on one socket: hands requests to the <see cref="TrackerCore"/> and keeps the replies until they are sent.</summary>
internal sealed class TrackerMachine : IDatagramResponder
{
    private const int QueueBytes = 1 << 20;
    public const int MaxQueuedDatagrams = 1_024;

    private readonly TrackerCore _core;
    private readonly int _socket;
    private readonly DatagramQueue _queue = new(QueueBytes, MaxQueuedDatagrams);
    private readonly byte[] _reply = new byte[TrackerLimits.MaxRequestBytes];

    /// <summary>Made by <see cref="TrackerCore.AddSocket"/>.</summary>
    internal TrackerMachine(TrackerCore core, int socket)
    {
        _core = core;
        _socket = socket;
    }

    /// <inheritdoc/>
    public MonotonicTime? Deadline => _core.Registry.Deadline;

    /// <summary>Datagrams that wait to be sent.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Datagrams dropped because too many waited.</summary>
    public long Dropped => _queue.Dropped;

    /// <inheritdoc/>
    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        int length = _core.Answer(now, _socket, source, datagram, _reply);
        if (length > 0) _queue.TryEnqueue(source, _reply.AsSpan(0, length));
    }

    /// <inheritdoc/>
    public int Respond(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram, Span<byte> reply) =>
        _core.Answer(now, _socket, source, datagram, reply);

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now) => _core.Registry.HandleTimeout(now);

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit) => _queue.TryDequeue(buffer, out transmit);

    /// <summary>Queues an offer for a peer that is reached by this socket.</summary>
    internal bool TryQueue(TransportAddress destination, ReadOnlySpan<byte> datagram) => _queue.TryEnqueue(destination, datagram);
}
