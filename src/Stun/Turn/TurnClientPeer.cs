using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>A peer that a TURN client talks to by way of the relay.</summary>
internal sealed class TurnClientPeer(TransportAddress address, int channel)
{
    public TransportAddress Address { get; } = address;

    /// <summary>The channel set aside for it; 0 when channels are not used.</summary>
    public int Channel { get; private set; } = channel;

    /// <summary>Whether the relay lets the peer's data through, and ours to it.</summary>
    public bool IsPermitted { get; set; }

    /// <summary>Whether the channel works.</summary>
    public bool IsBound { get; set; }

    /// <summary>When permission, and channel, must be renewed; null while a request is under way.</summary>
    public MonotonicTime? RenewAt { get; set; }

    /// <summary>Goes on without a channel, which the server refused.</summary>
    public void GiveUpChannel()
    {
        Channel = 0;
        IsBound = false;
    }
}
