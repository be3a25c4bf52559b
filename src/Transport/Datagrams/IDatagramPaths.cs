using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// Gives a peer one lasting address, whichever way its datagrams go: directly, from another port after a change, by way of a relay. Protocols that know
/// their connections by address then need not notice. Called on the loop of the <see cref="DatagramEndpoint"/>.
/// </summary>
public interface IDatagramPaths
{
    /// <summary>
    /// Is called, on the loop, with a lasting address whose way has changed or works again: what was in flight is probably lost, and what was measured
    /// tells nothing any more.
    /// </summary>
    event Action<TransportAddress>? PathChanged;

    /// <summary>Finds the lasting address of whoever sends from an address; false when it has none.</summary>
    bool TryGetLastingAddress(TransportAddress source, out TransportAddress lasting);

    /// <summary>Sends what goes to a lasting address on its way.</summary>
    /// <param name="datagrams">A datagram, or a run of them as <see cref="Transmit"/> describes.</param>
    /// <param name="transmit">Its destination becomes a real one where the endpoint's own socket is to send it.</param>
    /// <returns>False when nothing is left for the socket to send: it went another way, or is lost for want of one.</returns>
    bool TryRoute(ReadOnlySpan<byte> datagrams, ref Transmit transmit);
}
