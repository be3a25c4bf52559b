using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>A file as it truly is, known to the judge alone.</summary>
/// <param name="Name">Its name at the tracker.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="ChunkSize">Bytes a chunk.</param>
internal sealed record SharedFact(string Name, byte[] Content, int ChunkSize)
{
    /// <summary>Its description; set when the first sharer has hashed it.</summary>
    public ShareDescriptor? Descriptor { get; set; }
}
