using System.Diagnostics.CodeAnalysis;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Retransmits one request over UDP (RFC 8489 §6.2.1). Owned by one loop; not thread-safe.</summary>
/// <remarks>After each input: drain <see cref="PollTransmit"/>, then sleep until <see cref="Deadline"/>.</remarks>
public sealed class StunTransaction
{
    private readonly ReadOnlyMemory<byte> _request;
    private readonly StunRetransmission _schedule;

    /// <summary>Makes a transaction whose first send is due at once.</summary>
    /// <param name="request">The request, already encoded; not copied.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="start">The present time.</param>
    /// <param name="schedule">The schedule; the RFC's when null.</param>
    /// <exception cref="ArgumentException">The bytes are no STUN request.</exception>
    public StunTransaction(ReadOnlyMemory<byte> request, TransportAddress destination, MonotonicTime start, StunRetransmission? schedule = null)
    {
        bool isRequest = StunMessage.TryParse(request.Span, out StunMessage message) && message.Class == StunClass.Request;
        if (!isRequest) throw new ArgumentException("The bytes are no STUN request.", nameof(request));
        _request = request;
        _schedule = schedule ?? StunRetransmission.Default;
        Id = message.TransactionId;
        Method = message.Method;
        Destination = destination;
        Start = start;
        Deadline = start;
        IsSendDue = true;
    }

    /// <summary>The id by which the response is known.</summary>
    public StunTransactionId Id { get; }

    /// <summary>The request's method, which the response shares.</summary>
    public StunMethod Method { get; }

    /// <summary>Where the request goes.</summary>
    public TransportAddress Destination { get; }

    /// <summary>When the transaction was made.</summary>
    public MonotonicTime Start { get; }

    /// <summary>When <see cref="HandleTimeout"/> is next due; null once failed.</summary>
    public MonotonicTime? Deadline { get; private set; }

    /// <summary>Whether <see cref="PollTransmit"/> has something to send.</summary>
    public bool IsSendDue { get; private set; }

    /// <summary>Whether the last wait ended without an answer.</summary>
    public bool HasFailed => Deadline is null;

    /// <summary>How often the request was sent.</summary>
    public int Sends { get; private set; }

    /// <summary>Makes the next send due, or fails the transaction, when it is time.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        if (Deadline is not { } due || now < due || IsSendDue) return;
        if (Sends == _schedule.MaxSends) Deadline = null;
        else IsSendDue = true;
    }

    /// <summary>Writes the datagram due now; false when none is.</summary>
    [SuppressMessage("Style", "IDE0060", Justification = "Machines are told the time with every call.")]
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (!IsSendDue || HasFailed) return false;
        _request.Span.CopyTo(buffer);
        transmit = new Transmit(Destination, _request.Length);
        IsSendDue = false;
        Deadline = now + _schedule.WaitAfter(++Sends);
        return true;
    }
}
