using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Names a manifest, a list of group roots or a hash group.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Index">The file of group roots, or the hash group; otherwise 0.</param>
internal readonly record struct MetadataKey(MetadataKind Kind, int Index)
{
    public static MetadataKey Of(in MetadataMessage message) => new(message.Kind, message.Kind switch
    {
        MetadataKind.GroupRoots => message.FileIndex,
        MetadataKind.HashGroup => message.Group,
        _ => 0,
    });
}
