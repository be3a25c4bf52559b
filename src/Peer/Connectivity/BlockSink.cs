namespace CS3103P2P.Peer.Connectivity;

/// <summary>Where a piece of data goes.</summary>
/// <param name="Channel">The channel; null when the data is to be passed over.</param>
/// <param name="Assembly">The chunk.</param>
/// <param name="Target">Its place in the chunk.</param>
internal readonly record struct BlockSink(FetchChannel? Channel, ChunkAssembly? Assembly, Memory<byte> Target);
