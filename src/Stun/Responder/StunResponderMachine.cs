using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>A <see cref="StunResponder"/> on one socket: as a machine of its own, or as the last agent of a <see cref="StunMultiplexer"/>.</summary>
public sealed class StunResponderMachine : IDatagramResponder, IStunAgent
{
    private const int MaxQueuedDatagrams = 256;
    private const int QueueBytes = 64 << 10;

    private readonly StunResponder _responder;
    private readonly int _socket;
    private readonly Action<StunReply, byte[]>? _sendElsewhere;
    private readonly Func<TransportAddress, bool>? _admit;
    private readonly DatagramQueue _queue = new(QueueBytes, MaxQueuedDatagrams);
    private readonly byte[] _reply = new byte[StunResponder.MaxReplyBytes];

    /// <summary>Makes the machine.</summary>
    /// <param name="responder">Writes the answers.</param>
    /// <param name="socket">The number of the socket, as in <see cref="StunServerAddresses"/>.</param>
    /// <param name="sendElsewhere">Takes an answer that another socket must send; null when there is no other.</param>
    /// <param name="admit">Says whether a request from a source is answered; null when all are.</param>
    public StunResponderMachine(
        StunResponder responder, int socket = 0, Action<StunReply, byte[]>? sendElsewhere = null, Func<TransportAddress, bool>? admit = null)
    {
        ArgumentNullException.ThrowIfNull(responder);
        _responder = responder;
        _socket = socket;
        _sendElsewhere = sendElsewhere;
        _admit = admit;
    }

    /// <summary>Null: nothing waits for time.</summary>
    public MonotonicTime? Deadline => null;

    /// <summary>Requests answered since the start.</summary>
    public long Answered { get; private set; }

    /// <inheritdoc/>
    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (StunMessage.TryParseAnyAge(datagram, out StunMessage message)) HandleMessage(now, source, message);
    }

    /// <inheritdoc/>
    int IDatagramResponder.Respond(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram, Span<byte> reply)
    {
        if (!StunMessage.TryParseAnyAge(datagram, out StunMessage message) || (_admit is not null && !_admit(source))) return 0;
        if (!_responder.TryRespond(message, source, _socket, reply[..StunResponder.MaxReplyBytes], out StunReply written)) return 0;
        Answered++;
        if (written.SendFrom == _socket && written.Destination == source) return written.Bytes;
        Send(written, reply[..written.Bytes]);
        return 0;
    }

    /// <inheritdoc/>
    public bool HandleMessage(MonotonicTime now, TransportAddress source, in StunMessage message)
    {
        if (_admit is not null && !_admit(source)) return true;
        if (!_responder.TryRespond(message, source, _socket, _reply, out StunReply reply)) return false;
        Answered++;
        Send(reply, _reply.AsSpan(0, reply.Bytes));
        return true;
    }

    /// <summary>Queues an answer that another socket's machine wrote; dropped when the queue is full.</summary>
    public void Enqueue(TransportAddress destination, ReadOnlySpan<byte> reply) => _queue.TryEnqueue(destination, reply);

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
    }

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit) => _queue.TryDequeue(buffer, out transmit);

    private void Send(in StunReply reply, ReadOnlySpan<byte> bytes)
    {
        if (reply.SendFrom == _socket) _queue.TryEnqueue(reply.Destination, bytes);
        else _sendElsewhere?.Invoke(reply, bytes.ToArray());
    }
}
