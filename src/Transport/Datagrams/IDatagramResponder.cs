using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// A machine that has at most one reply to most datagrams, and to their senders. The loop lets it write that into the memory from which it is sent, so that
/// nothing is queued or copied; while the kernel takes nothing, and for everything else, it is a machine like any other.
/// </summary>
internal interface IDatagramResponder : IDatagramMachine
{
    /// <summary>Takes one datagram, as <see cref="IDatagramMachine.HandleDatagram"/> does, and writes what its sender is told.</summary>
    /// <param name="now">The time of arrival.</param>
    /// <param name="source">The address that the datagram really came from, and to which the reply goes.</param>
    /// <param name="datagram">Its payload; valid only during the call.</param>
    /// <param name="reply">Where the reply goes: <see cref="DatagramLoop.TransmitBufferBytes"/>.</param>
    /// <returns>Length of the reply; 0 for none.</returns>
    int Respond(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram, Span<byte> reply);
}
