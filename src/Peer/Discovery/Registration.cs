using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>What this peer has of a share and wants others to know.</summary>
/// <param name="Descriptor">The share.</param>
/// <param name="Chunks">The chunks that it serves; the tracker client takes a copy.</param>
/// <param name="Unlisted">Whether the name stays out of the tracker's list of files.</param>
internal sealed record Registration(ShareDescriptor Descriptor, ChunkSet Chunks, bool Unlisted = false);
