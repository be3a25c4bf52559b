using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>A UDP socket without a loop, for those who need hundreds of them.</summary>
internal interface IPlainSocket : IDisposable
{
    /// <summary>Sends a datagram; what cannot be sent is lost, as on any path.</summary>
    void Send(TransportAddress destination, ReadOnlySpan<byte> datagram);
}
