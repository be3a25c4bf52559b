using System.Text;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>The offer to connect by TCP at the same time: <c>tcp/1 ADDRESS</c>, the sender's address as a STUN server sees the port that it connects from.</summary>
internal static class TcpPunchOffer
{
    private const string Prefix = "tcp/1 ";
    private const int MaxBytes = 64;

    public static byte[] Encode(TransportAddress address) => Encoding.ASCII.GetBytes($"{Prefix}{address}");

    /// <summary>Whether an offer is of this kind, well-formed or not.</summary>
    public static bool IsOne(RendezvousOffer offer) => offer.Offer.Span.StartsWith("tcp/1 "u8);

    /// <summary>Reads an offer; only the address from which the tracker hears its sender counts, lest anybody make us connect to others.</summary>
    public static bool TryRead(RendezvousOffer offer, out TransportAddress address)
    {
        address = default;
        if (!IsOne(offer) || offer.Offer.Length > MaxBytes) return false;
        string text = Encoding.ASCII.GetString(offer.Offer.Span[Prefix.Length..]);
        return TransportAddress.TryParse(text, 0, out address) && address.Port != 0 && address.IsIPv4 && address.AddressBits == offer.SeenAt.AddressBits;
    }
}
