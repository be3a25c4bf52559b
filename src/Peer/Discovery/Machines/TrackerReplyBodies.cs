using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>Puts what stands in replies where askers find it.</summary>
internal static class TrackerReplyBodies
{
    /// <summary>Takes the body of a reply; false for nonsense: a later, better answer may still come.</summary>
    public static bool TryTake(TrackerExchange exchange, in TrackerReply reply)
    {
        ReadOnlySpan<byte> body = exchange.IsLiteral && reply.Extensions.Id.IsEmpty ? reply.LiteralBody : reply.Body;
        switch (exchange.Kind)
        {
            case TrackerExchangeKind.Lookup:
                exchange.Listing.Describe(exchange.Name, reply.Extensions);
                return exchange.Listing.TryAdd(exchange.Name, body);
            case TrackerExchangeKind.List:
                return TryTakeNames(exchange.Names, body);
            case TrackerExchangeKind.Find:
                exchange.IsFound = TrackerName.TryDecode(body, out string name) && name == exchange.Name;
                if (!exchange.IsFound && !body.SequenceEqual("Not Found"u8)) return false;
                exchange.Listing.Describe(exchange.Name, reply.Extensions);
                exchange.PeerCount = reply.Extensions.Peers;
                return true;
            default:
                return true;
        }
    }

    /// <summary>The relay that a reply tells of; null for none.</summary>
    public static RelayGrant? TakeRelay(MonotonicTime now, in TrackerExtensions told)
    {
        if (told.Relay.IsUnspecified || told.RelayUser.IsEmpty || told.RelayPassword.IsEmpty || told.RelayLifeSeconds == 0) return null;
        MonotonicTime expiresAt = now + TimeSpan.FromSeconds(told.RelayLifeSeconds);
        return new RelayGrant(told.Relay, Encoding.ASCII.GetString(told.RelayUser), Encoding.ASCII.GetString(told.RelayPassword), expiresAt);
    }

    /// <summary>The offer that a message brings; null when it is malformed.</summary>
    public static RendezvousOffer? TakeOffer(in TrackerReply reply)
    {
        byte[] offer = new byte[TrackerLimits.MaxOfferBytes];
        return System.Buffers.Text.Base64Url.TryDecodeFromUtf8(reply.Extensions.Offer, offer, out int bytes)
            ? new RendezvousOffer(reply.Extensions.Peer, reply.Extensions.Address, offer.AsMemory(0, bytes))
            : null;
    }

    private static bool TryTakeNames(List<string> names, ReadOnlySpan<byte> body)
    {
        var reader = new TrackerNameListReader(body);
        while (names.Count < TrackerExchange.MaxNames && reader.TryRead(out ReadOnlySpan<byte> wire))
        {
            if (!TrackerName.TryDecode(wire, out string name)) return false;
            names.Add(name);
        }

        return true;
    }
}
