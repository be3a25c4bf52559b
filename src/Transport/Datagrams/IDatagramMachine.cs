using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// A protocol without I/O that shares a datagram socket with others. Owned by one loop, which after every input drains
/// <see cref="PollTransmit"/> and then sleeps until <see cref="Deadline"/>; not thread-safe.
/// </summary>
/// <remarks>
/// One input may be a batch: up to <see cref="DatagramEndpoint.MaxInputsBeforeDrain"/> calls of <see cref="HandleDatagram"/>, then
/// <see cref="HandleTimeout"/> if it is due, then the drain. A machine that throws is taken off its loop.
/// </remarks>
public interface IDatagramMachine
{
    /// <summary>When <see cref="HandleTimeout"/> is next due; null when nothing waits for time.</summary>
    MonotonicTime? Deadline { get; }

    /// <summary>Takes one datagram. Never throws on what the network sent.</summary>
    /// <param name="now">The time of arrival.</param>
    /// <param name="source">The address that the datagram really came from.</param>
    /// <param name="datagram">Its payload; valid only during the call.</param>
    void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram);

    /// <summary>Does what is due at <paramref name="now"/>; harmless when nothing is.</summary>
    void HandleTimeout(MonotonicTime now);

    /// <summary>Writes what is to be sent now; false when nothing is. Called until it returns false.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="buffer">At least 1,500 bytes (a <see cref="DatagramEndpoint"/> gives 65,000); a machine may fill it with a run of datagrams to one destination.</param>
    /// <param name="transmit">What was written and where it goes.</param>
    bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit);
}
