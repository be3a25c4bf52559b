using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>One allocation of a TURN server: its permissions, channels and byte budget (RFC 8656 §3.2).</summary>
internal sealed class TurnAllocation
{
    /// <summary>Most peers' IP addresses that may have a permission.</summary>
    public const int MaxPermissions = 256;

    /// <summary>Most channels that may be bound.</summary>
    public const int MaxChannels = 256;

    private static readonly TimeSpan PermissionLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ChannelLifetime = TimeSpan.FromMinutes(10);

    private readonly Dictionary<UInt128, MonotonicTime> _permissions = [];
    private readonly Dictionary<int, Channel> _byNumber = [];
    private readonly Dictionary<TransportAddress, int> _byPeer = [];
    private readonly TurnByteBudget _budget;

    public TurnAllocation(int id, TurnClientKey client, TurnUser user, StunTransactionId createdBy, TransportAddress relayed, long maxBytesPerSecond)
    {
        Id = id;
        Client = client;
        User = user;
        Account = user.Account;
        CreatedBy = createdBy;
        RelayedAddress = relayed;
        _budget = new TurnByteBudget(maxBytesPerSecond);
    }

    public int Id { get; }

    public TurnClientKey Client { get; }

    /// <summary>Who made it; nobody else may use it.</summary>
    public TurnUser User { get; }

    public string Account { get; }

    /// <summary>The request that made it, to know its retransmissions.</summary>
    public StunTransactionId CreatedBy { get; }

    public TransportAddress RelayedAddress { get; }

    public MonotonicTime ExpiresAt { get; set; }

    public int PermissionCount => _permissions.Count;

    /// <summary>Channels bound; a peer has one at most, so both tables are as long.</summary>
    public int ChannelCount => Math.Max(_byNumber.Count, _byPeer.Count);

    /// <summary>Lets a peer's IP address send; false when there are too many.</summary>
    public bool TryPermit(MonotonicTime now, TransportAddress peer)
    {
        if (_permissions.Count >= MaxPermissions && !_permissions.ContainsKey(peer.AddressBits)) RemoveExpired(now);
        if (_permissions.Count >= MaxPermissions && !_permissions.ContainsKey(peer.AddressBits)) return false;
        _permissions[peer.AddressBits] = now + PermissionLifetime;
        return true;
    }

    public bool IsPermitted(MonotonicTime now, TransportAddress peer) =>
        _permissions.TryGetValue(peer.AddressBits, out MonotonicTime expiresAt) && now < expiresAt;

    /// <summary>Binds or renews a channel.</summary>
    /// <returns>0; or the error code: the number or the peer is bound otherwise, or there are too many.</returns>
    public int Bind(MonotonicTime now, int number, TransportAddress peer)
    {
        RemoveExpired(now);
        if (_byNumber.TryGetValue(number, out Channel known) && known.Peer != peer) return StunErrorCodes.BadRequest;
        if (_byPeer.TryGetValue(peer, out int other) && other != number) return StunErrorCodes.BadRequest;
        if (_byNumber.Count >= MaxChannels && !_byNumber.ContainsKey(number)) return StunErrorCodes.InsufficientCapacity;
        if (!TryPermit(now, peer)) return StunErrorCodes.InsufficientCapacity;
        _byNumber[number] = new Channel(peer, now + ChannelLifetime);
        _byPeer[peer] = number;
        return 0;
    }

    public bool TryGetPeer(MonotonicTime now, int number, out TransportAddress peer)
    {
        bool bound = _byNumber.TryGetValue(number, out Channel channel) && now < channel.ExpiresAt;
        peer = channel.Peer;
        return bound;
    }

    public bool TryGetChannel(MonotonicTime now, TransportAddress peer, out int number) =>
        _byPeer.TryGetValue(peer, out number) && now < _byNumber[number].ExpiresAt;

    /// <summary>Whether so much may be relayed now.</summary>
    public bool TrySpend(MonotonicTime now, int bytes) => _budget.TrySpend(now, bytes);

    private void RemoveExpired(MonotonicTime now)
    {
        // Dictionaries may be removed from while they are walked.
        foreach ((UInt128 address, MonotonicTime expiresAt) in _permissions)
        {
            if (expiresAt <= now) _permissions.Remove(address);
        }

        foreach ((int number, Channel channel) in _byNumber)
        {
            if (now < channel.ExpiresAt) continue;
            _byNumber.Remove(number);
            _byPeer.Remove(channel.Peer);
        }
    }

    private readonly record struct Channel(TransportAddress Peer, MonotonicTime ExpiresAt);
}
