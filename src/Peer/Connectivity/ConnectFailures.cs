using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Gives what went wrong below a reason and words.</summary>
internal static class ConnectFailures
{
    /// <summary>No way through the NATs was found.</summary>
    public static ConnectFailure Of(PeerId peer, IceFailure failure) => new(peer, null, ReasonOf(failure.Reason), IceFailureText.Of(failure))
    {
        LocalNat = failure.LocalNat == default ? null : failure.LocalNat,
        RemoteNat = failure.RemoteNat == default ? null : failure.RemoteNat,
    };

    /// <summary>Dialling an address failed.</summary>
    public static ConnectFailure Of(PeerId? peer, TransportAddress address, Exception error)
    {
        Exception cause = CauseOf(error);
        ConnectFailureReason reason = ReasonOf(cause);
        string words = reason switch
        {
            ConnectFailureReason.TimedOut => "it does not answer in time",
            ConnectFailureReason.IdentityWrong => "another peer answers there",
            ConnectFailureReason.HandshakeFailed => $"what answers there does not prove who it is ({cause.Message})",
            _ => $"nothing answers there ({cause.Message})",
        };
        return new ConnectFailure(peer, address, reason, words);
    }

    /// <summary>There was no room for another connection.</summary>
    public static ConnectFailure TooMany(PeerId? peer, TransportAddress address) =>
        new(peer, address, ConnectFailureReason.TooManyConnections, "there are too many connections");

    private static ConnectFailureReason ReasonOf(IceFailureReason reason) => reason switch
    {
        IceFailureReason.NoCandidates => ConnectFailureReason.NoCandidates,
        IceFailureReason.OfferNotDelivered => ConnectFailureReason.OfferNotDelivered,
        IceFailureReason.NoAnswer => ConnectFailureReason.NoAnswer,
        IceFailureReason.ChecksFailed => ConnectFailureReason.ChecksFailed,
        IceFailureReason.RelayAbsent => ConnectFailureReason.RelayAbsent,
        IceFailureReason.RelayRefused => ConnectFailureReason.RelayRefused,
        IceFailureReason.RelayQuota => ConnectFailureReason.RelayQuota,
        IceFailureReason.RelayUnreachable => ConnectFailureReason.RelayUnreachable,
        IceFailureReason.ConsentLost => ConnectFailureReason.FellSilent,
        IceFailureReason.TooMany => ConnectFailureReason.TooManyConnections,
        IceFailureReason.Closed => ConnectFailureReason.Closed,
        _ => ConnectFailureReason.Other,
    };

    private static ConnectFailureReason ReasonOf(Exception cause) => cause switch
    {
        PeerAuthenticationException { Failure: PeerAuthenticationFailure.WrongPeer or PeerAuthenticationFailure.NoKey } => ConnectFailureReason.IdentityWrong,
        PeerAuthenticationException { Failure: PeerAuthenticationFailure.Handshake } => ConnectFailureReason.HandshakeFailed,
        PeerAuthenticationException or TimeoutRejectedException or TimeoutException => ConnectFailureReason.TimedOut,
        IOException { InnerException: SocketException { SocketErrorCode: SocketError.TimedOut } } => ConnectFailureReason.TimedOut,
        _ => ConnectFailureReason.Unreachable,
    };

    // An address that is left alone for a while is so because of how it failed; and where TCP was refused at once, the silence of uTP adds nothing.
    private static Exception CauseOf(Exception error) => error switch
    {
        BrokenCircuitException { InnerException: { } inner } => CauseOf(inner),
        TimeoutRejectedException { InnerException: OperationCanceledException { InnerException: IOException first } } => CauseOf(first),
        _ => error,
    };
}
