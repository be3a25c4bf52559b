using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Connections;

/// <summary>
/// What is kept of a stranger's offer until the stranger shows, by echoing our session or by a signed check, that it gets what we send: less than 1 KB.
/// </summary>
internal sealed class PendingOffer(PeerId remote, ulong session, IceCredentials credentials)
{
    /// <summary>Candidates kept of an offer; each gets one check, under 1 KB in all.</summary>
    public const int MaxCandidates = 8;

    public PeerId Remote { get; } = remote;

    /// <summary>Our session, and our tie-breaker: both are told to the stranger anyway.</summary>
    public ulong Session { get; } = session;

    public IceCredentials Credentials { get; } = credentials;

    /// <summary>The offer as it is encoded, shortened.</summary>
    public required byte[] Offer { get; set; }

    public required IceOfferSender Sender { get; set; }

    public required MonotonicTime ExpiresAt { get; init; }

    /// <summary>Not before this time the same stranger is answered again.</summary>
    public MonotonicTime NextAnswerAt { get; set; }

    /// <summary>Encodes what is to be kept of an offer, the best candidates first.</summary>
    public static byte[] Shorten(IceOffer offer) => IceOfferCodec.Encode(
        offer.Candidates.Count <= MaxCandidates ? offer : offer with { Candidates = [.. offer.Candidates.OrderByDescending(c => c.Priority).Take(MaxCandidates)] });
}
