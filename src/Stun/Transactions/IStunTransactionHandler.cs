using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Is told how a transaction of a <see cref="StunMultiplexer"/> ends.</summary>
public interface IStunTransactionHandler
{
    /// <summary>Takes a response with the transaction's id.</summary>
    /// <returns>
    /// True when it ends the transaction; false when it must be ignored, such as a response whose integrity does not hold
    /// (RFC 8489 §9.1.4): the request goes on being retransmitted.
    /// </returns>
    bool HandleResponse(MonotonicTime now, TransportAddress source, in StunMessage response, StunTransaction transaction);

    /// <summary>Learns that no response came, or that the multiplexer was aborted.</summary>
    void HandleFailure(MonotonicTime now, StunTransaction transaction);
}
