using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>One protocol's conversation with one router, as <see cref="PortMappingAgent"/> drives it.</summary>
internal interface IMappingMachine
{
    PortMappingProtocol Protocol { get; }

    MappingPhase Phase { get; }

    /// <summary>Why the phase is <see cref="MappingPhase.Failed"/>.</summary>
    PortMappingFailure Failure { get; }

    /// <summary>The router's outer address (port 0) once it told it.</summary>
    TransportAddress? ExternalAddress { get; }

    /// <summary>The outer UDP port while mapped.</summary>
    ushort? UdpPort { get; }

    /// <summary>The outer TCP port while mapped.</summary>
    ushort? TcpPort { get; }

    /// <summary>Whether every port has been granted or refused.</summary>
    bool IsComplete { get; }

    MonotonicTime? Deadline { get; }

    /// <summary>Begins to map, from <see cref="MappingPhase.Available"/>.</summary>
    void Map(MonotonicTime now);

    /// <summary>Begins to remove what was mapped; from any phase.</summary>
    void Release(MonotonicTime now);

    void HandleTimeout(MonotonicTime now);

    /// <summary>Takes a datagram of the router.</summary>
    void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram);

    bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit);
}
