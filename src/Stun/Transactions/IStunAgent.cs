using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// A machine that takes STUN messages from a <see cref="StunMultiplexer"/>: a responder, an ICE agent, a TURN client. Works as
/// <see cref="IDatagramMachine"/> does, but gets messages already parsed and says whether they were its own.
/// </summary>
public interface IStunAgent
{
    /// <summary>When <see cref="HandleTimeout"/> is next due; null when nothing waits for time.</summary>
    MonotonicTime? Deadline { get; }

    /// <summary>Takes one message that belongs to no transaction of the multiplexer.</summary>
    /// <param name="now">The time of arrival.</param>
    /// <param name="source">Where it really came from.</param>
    /// <param name="message">The message; valid only during the call.</param>
    /// <returns>False when it is not this agent's; the next one is asked.</returns>
    bool HandleMessage(MonotonicTime now, TransportAddress source, in StunMessage message);

    /// <summary>Does what is due.</summary>
    void HandleTimeout(MonotonicTime now);

    /// <summary>Writes what is to be sent now; false when nothing is.</summary>
    bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit);
}
