using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>A peer that has chunks of a share.</summary>
/// <param name="Address">Where it is reached.</param>
/// <param name="Id">Its id; null for a program that has none.</param>
/// <param name="Chunks">What it has.</param>
/// <param name="Candidates">Further addresses that it gave, unproven.</param>
internal sealed record SwarmPeer(TransportAddress Address, PeerId? Id, ChunkSet Chunks, IReadOnlyList<TransportAddress> Candidates);
