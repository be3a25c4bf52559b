using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Is told what happens at a <see cref="TurnClientMachine"/>, on its loop.</summary>
public interface ITurnClientHandler
{
    /// <summary>The allocation's state has changed.</summary>
    void HandleState(MonotonicTime now, TurnClientState state);

    /// <summary>A peer added can be sent to now; or it cannot, and has been removed.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="failure">Null when it can.</param>
    void HandlePeer(MonotonicTime now, TransportAddress peer, TurnFailure? failure);

    /// <summary>A peer has sent data by way of the relay; valid only during the call.</summary>
    void HandleData(MonotonicTime now, TransportAddress peer, ReadOnlySpan<byte> data);
}
