using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>The peers of a TURN client and the channels set aside for them.</summary>
internal sealed class TurnClientPeers
{
    /// <summary>Most peers at a time: as many as there are channels that begin with 0x40.</summary>
    public const int MaxPeers = ChannelData.LastClientChannel - ChannelData.FirstChannel + 1;

    // A number that is no longer renewed stays bound for 10 minutes, and must rest for 5 more (RFC 8656 §12).
    private static readonly TimeSpan ChannelRest = TimeSpan.FromMinutes(15);

    private readonly Dictionary<TransportAddress, TurnClientPeer> _byAddress = [];
    private readonly TurnClientPeer?[] _byChannel = new TurnClientPeer?[MaxPeers];
    private readonly MonotonicTime[] _channelFreeAt = new MonotonicTime[MaxPeers];

    public Dictionary<TransportAddress, TurnClientPeer>.ValueCollection All => _byAddress.Values;

    public bool TryGet(TransportAddress address, out TurnClientPeer? peer) => _byAddress.TryGetValue(address, out peer);

    public TurnClientPeer? ByChannel(int channel) =>
        channel is >= ChannelData.FirstChannel and <= ChannelData.LastClientChannel ? _byChannel[channel - ChannelData.FirstChannel] : null;

    /// <summary>Adds a peer; null when there are too many. Without a free channel it gets none.</summary>
    public TurnClientPeer? Add(MonotonicTime now, TransportAddress address, bool useChannel)
    {
        if (_byAddress.Count == MaxPeers) return null;
        int index = useChannel ? FreeChannelIndex(now) : -1;
        var peer = new TurnClientPeer(address, index < 0 ? 0 : ChannelData.FirstChannel + index);
        if (index >= 0) _byChannel[index] = peer;
        _byAddress.Add(address, peer);
        return peer;
    }

    public void Remove(MonotonicTime now, TurnClientPeer peer)
    {
        if (_byAddress.TryGetValue(peer.Address, out TurnClientPeer? known) && known == peer) _byAddress.Remove(peer.Address);
        ReleaseChannel(now, peer);
    }

    /// <summary>Goes on with a peer without its channel.</summary>
    public void ReleaseChannel(MonotonicTime now, TurnClientPeer peer)
    {
        if (peer.Channel == 0) return;
        int index = peer.Channel - ChannelData.FirstChannel;
        _byChannel[index] = null;
        _channelFreeAt[index] = now + ChannelRest;
        peer.GiveUpChannel();
    }

    private int FreeChannelIndex(MonotonicTime now)
    {
        for (int i = 0; i < MaxPeers; i++)
        {
            if (_byChannel[i] is null && (_channelFreeAt[i] == default || _channelFreeAt[i] <= now)) return i;
        }

        return -1;
    }
}
