using CS3103P2P.Peer;

namespace CS3103P2P.Samples.Peer;

/// <summary>A node that only asks the tracker needs neither the usual port, which a sharing peer beside it may hold, nor STUN.</summary>
internal static class AskOnly
{
    public static void Adjust(PeerNodeOptions options)
    {
        options.Port = 0;
        options.StunServers.Clear();
    }
}
