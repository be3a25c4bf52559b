using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>What the tracker is told of a share.</summary>
internal static class ShareRegistration
{
    /// <summary>The registration; that of a private share shows a derived name only and is not listed.</summary>
    public static Registration Of(ServedShare share, ChunkSet chunks)
    {
        ShareDescriptor content = share.Content.Descriptor;
        ShareDescriptor named = content.Name == share.TrackerName
            ? content
            : new ShareDescriptor(share.TrackerName, content.Kind, content.SizeBytes, content.ChunkSize, content.Root);
        return new Registration(named, chunks, Unlisted: share.Secret is not null);
    }
}
