using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Opens and closes the sockets of a TURN server's relayed addresses: its only way to I/O.</summary>
public interface ITurnRelayPorts
{
    /// <summary>Opens a relayed address.</summary>
    /// <param name="allocationId">The allocation by which the socket is known.</param>
    /// <param name="wantIPv6">The family.</param>
    /// <param name="evenPort">Whether the port must be even.</param>
    /// <param name="relayed">The address as peers reach it.</param>
    /// <returns>False when there is none left.</returns>
    bool TryOpen(int allocationId, bool wantIPv6, bool evenPort, out TransportAddress relayed);

    /// <summary>Whether the server has relayed addresses of a family.</summary>
    bool Supports(bool wantIPv6);

    /// <summary>Closes it.</summary>
    void Close(int allocationId);
}
