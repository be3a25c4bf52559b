using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>A piece of a chunk that a peer asked for and is to be sent.</summary>
/// <param name="Channel">The peer's channel.</param>
/// <param name="Share">What it opened there.</param>
/// <param name="Block">The piece.</param>
internal readonly record struct BlockJob(uint Channel, ServedShare Share, BlockRequest Block);
