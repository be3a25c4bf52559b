using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>What can happen to the loop of <see cref="LanDiscovery"/>.</summary>
internal abstract record LanInput
{
    /// <summary>A datagram came in by an interface.</summary>
    internal sealed record Datagram(uint InterfaceIndex, TransportAddress Source, byte[] Bytes) : LanInput;

    /// <summary>The deadline has come, or the loop is to look whether it shall stop.</summary>
    internal sealed record Tick : LanInput;

    /// <summary>The system's interfaces may have changed.</summary>
    internal sealed record LinksChanged : LanInput;
}
