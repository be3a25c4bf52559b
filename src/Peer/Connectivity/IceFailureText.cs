using CS3103P2P.Stun;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Says in words why no way to a peer was found.</summary>
internal static class IceFailureText
{
    public static string Of(IceFailure failure) => failure.Reason switch
    {
        IceFailureReason.NoCandidates => "one side has no address that the other may try",
        IceFailureReason.OfferNotDelivered => "the tracker does not reach it, or cannot be reached",
        IceFailureReason.NoAnswer => "it did not answer the offer that the tracker passed on; it is gone",
        IceFailureReason.ChecksFailed => Between(failure),
        IceFailureReason.RelayAbsent => $"{Between(failure)}, and there is no relay",
        IceFailureReason.RelayRefused => $"{Between(failure)}, and the relay refused to help",
        IceFailureReason.RelayQuota => $"{Between(failure)}, and the relay has no room left for us",
        IceFailureReason.RelayUnreachable => $"{Between(failure)}, and no relay answers",
        IceFailureReason.ConsentLost => "it fell silent",
        IceFailureReason.TooMany => "there are too many connections",
        _ => "it was closed",
    };

    private static string Between(IceFailure failure) =>
        $"nothing gets through between its NAT ({Describe(failure.RemoteNat)}) and ours ({Describe(failure.LocalNat)})";

    private static string Describe(IceNat nat) => (nat.Mapping, nat.IsSymmetric) switch
    {
        (NatMapping.Unknown, _) => "of unknown kind",
        (NatMapping.None, _) => "none",
        (_, true) => "a port for each destination",
        _ => "one port for all",
    };
}
