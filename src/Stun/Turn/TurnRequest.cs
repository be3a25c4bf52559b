using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>One request of a TURN client that waits for its answer.</summary>
internal sealed class TurnRequest(StunMethod method, TurnClientPeer? peer, uint lifetimeSeconds)
{
    /// <summary>Longest request, in bytes.</summary>
    public const int MaxBytes = 2048;

    private const uint UdpProtocol = 17u << 24;

    /// <summary>What is asked.</summary>
    public StunMethod Method { get; } = method;

    /// <summary>The peer that a permission or channel is for.</summary>
    public TurnClientPeer? Peer { get; } = peer;

    /// <summary>For Allocate and Refresh.</summary>
    public uint LifetimeSeconds { get; } = lifetimeSeconds;

    /// <summary>How often it was encoded anew, for another nonce.</summary>
    public int Attempts { get; private set; }

    /// <summary>Whether it went out with credentials.</summary>
    public bool IsSigned { get; private set; }

    /// <summary>Sends it; null before <see cref="TryEncode"/>.</summary>
    public StunTransaction? Transaction { get; private set; }

    /// <summary>Writes the request with a fresh transaction; false when the credentials make it too long.</summary>
    public bool TryEncode(
        StunTransactionId id, TransportAddress server, TurnClientSettings settings, TurnClientAuthentication authentication, MonotonicTime now)
    {
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var writer = new StunMessageWriter(buffer, StunClass.Request, Method, id);
        switch (Method)
        {
            case StunMethod.Allocate:
                writer.WriteUInt32(StunAttributeType.RequestedTransport, UdpProtocol);
                if (settings.WantIPv6) writer.WriteUInt32(StunAttributeType.RequestedAddressFamily, (uint)AddressAttribute.FamilyIPv6 << 24);
                writer.WriteUInt32(StunAttributeType.Lifetime, LifetimeSeconds);
                break;
            case StunMethod.Refresh:
                writer.WriteUInt32(StunAttributeType.Lifetime, LifetimeSeconds);
                break;
            default:
                if (Method == StunMethod.ChannelBind) writer.WriteUInt32(StunAttributeType.ChannelNumber, (uint)Peer!.Channel << 16);
                writer.WriteXorAddress(StunAttributeType.XorPeerAddress, Peer!.Address);
                break;
        }

        authentication.Sign(ref writer);
        if (!writer.TryFinish(out int bytes)) return false;
        Attempts++;
        IsSigned = authentication.IsActive;
        Transaction = new StunTransaction(buffer[..bytes].ToArray(), server, now, ScheduleFor(settings));
        return true;
    }

    // Over a stream a request is sent once, and given up after Ti = 39.5 s (RFC 8489 §6.2.2).
    private static StunRetransmission ScheduleFor(TurnClientSettings settings) =>
        settings.IsStream ? new StunRetransmission(TimeSpan.FromSeconds(39.5), 1, 1) : settings.Retransmission;
}
