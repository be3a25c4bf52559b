using CS3103P2P.Stun;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Says in words why no way to a peer was found.</summary>
internal static class IceFailureText
{
    public static string Of(IceFailure failure) => failure.Reason switch
    {
        IceFailureReason.NoCandidates => "one side has no address that the other may try",
        IceFailureReason.OfferNotDelivered => "it did not answer the offer; it is gone, or the tracker does not reach it",
        IceFailureReason.ChecksFailed => $"nothing gets through between its NAT ({Describe(failure.RemoteNat)}) and ours ({Describe(failure.LocalNat)}), and there is no relay",
        IceFailureReason.RelayRefused => "nothing gets through directly, and the relay refused to help",
        IceFailureReason.ConsentLost => "it fell silent",
        IceFailureReason.TooMany => "there are too many connections",
        _ => "it was closed",
    };

    private static string Describe(IceNat nat) => (nat.Mapping, nat.IsSymmetric) switch
    {
        (NatMapping.Unknown, _) => "of unknown kind",
        (NatMapping.None, _) => "none",
        (_, true) => "a port for each destination",
        _ => "one port for all",
    };
}
