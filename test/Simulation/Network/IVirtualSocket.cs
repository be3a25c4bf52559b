using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>What a port of a virtual host leads to.</summary>
internal interface IVirtualSocket
{
    /// <summary>A datagram came.</summary>
    void Receive(TransportAddress source, byte[] datagram);

    /// <summary>The program is gone: nothing is done here any more.</summary>
    void Abandon();
}
