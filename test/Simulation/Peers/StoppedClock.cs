using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A planted bug: a machine for which time does not pass.</summary>
internal sealed class StoppedClock(IDatagramMachine inner, MonotonicTime at) : IDatagramMachine
{
    public MonotonicTime? Deadline => null;

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram) => inner.HandleDatagram(at, source, datagram);

    public void HandleTimeout(MonotonicTime now) => inner.HandleTimeout(at);

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit) => inner.PollTransmit(at, buffer, out transmit);
}
