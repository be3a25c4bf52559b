using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Utp;

/// <summary>What a connection is born with.</summary>
/// <param name="Options">The machine's settings.</param>
/// <param name="Pool">The machine's buffers for packets ahead of their turn.</param>
/// <param name="StreamBlocks">The memory of the streams.</param>
/// <param name="RemoteAddress">The peer.</param>
/// <param name="IsInitiator">Whether this side sends the SYN.</param>
/// <param name="ReceiveId">The connection id on packets to this side.</param>
/// <param name="SendId">The connection id on packets to the peer.</param>
/// <param name="InitialSequence">Of the SYN, or of the first data packet of the side that answers.</param>
/// <param name="PeerSequence">Of the SYN that was received; unused by the initiator.</param>
internal sealed record UtpConnectionSetup(
    UtpOptions Options,
    BlockPool Pool,
    StreamBlockPool StreamBlocks,
    TransportAddress RemoteAddress,
    bool IsInitiator,
    ushort ReceiveId,
    ushort SendId,
    ushort InitialSequence,
    ushort PeerSequence);
