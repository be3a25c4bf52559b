using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>What the tracker knows of one share.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Descriptor">What it is; null when only programs registered it that do not say.</param>
/// <param name="Peers">How many peers have some of it.</param>
public sealed record FileSummary(string Name, ShareDescriptor? Descriptor, int Peers);
