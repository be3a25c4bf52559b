using System.Net;
using System.Net.Sockets;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class ConnectFailuresTests
{
    private static readonly PeerId Peer = new(Enumerable.Repeat((byte)0x5A, PeerId.SizeInBytes).ToArray());
    private static readonly TransportAddress Address = new(IPAddress.Parse("192.0.2.7"), 6881);
    private static readonly IceNat Symmetric = new(NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent);
    private static readonly IceNat OnePort = new(NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent);

    [TestMethod]
    [DataRow(IceFailureReason.NoCandidates, ConnectFailureReason.NoCandidates, "no address")]
    [DataRow(IceFailureReason.OfferNotDelivered, ConnectFailureReason.OfferNotDelivered, "tracker")]
    [DataRow(IceFailureReason.NoAnswer, ConnectFailureReason.NoAnswer, "did not answer the offer")]
    [DataRow(IceFailureReason.ChecksFailed, ConnectFailureReason.ChecksFailed, "nothing gets through")]
    [DataRow(IceFailureReason.RelayAbsent, ConnectFailureReason.RelayAbsent, "there is no relay")]
    [DataRow(IceFailureReason.RelayRefused, ConnectFailureReason.RelayRefused, "the relay refused")]
    [DataRow(IceFailureReason.RelayQuota, ConnectFailureReason.RelayQuota, "no room left")]
    [DataRow(IceFailureReason.RelayUnreachable, ConnectFailureReason.RelayUnreachable, "no relay answers")]
    [DataRow(IceFailureReason.ConsentLost, ConnectFailureReason.FellSilent, "fell silent")]
    [DataRow(IceFailureReason.TooMany, ConnectFailureReason.TooManyConnections, "too many")]
    [DataRow(IceFailureReason.Closed, ConnectFailureReason.Closed, "closed")]
    public void Of_ReasonOfIce_HasItsOwnAndWords(IceFailureReason below, ConnectFailureReason reason, string words)
    {
        ConnectFailure failure = ConnectFailures.Of(Peer, new IceFailure(below, Symmetric, OnePort));
        Assert.AreEqual(reason, failure.Reason);
        Assert.Contains(words, failure.Message);
        Assert.AreEqual(Peer, failure.Peer);
        Assert.IsNull(failure.Address);
        Assert.AreEqual(Symmetric, failure.LocalNat);
        Assert.AreEqual(OnePort, failure.RemoteNat);
    }

    [TestMethod]
    public void Of_EveryReasonOfIce_IsMapped()
    {
        foreach (IceFailureReason below in Enum.GetValues<IceFailureReason>().Where(reason => reason != IceFailureReason.None))
        {
            ConnectFailure failure = ConnectFailures.Of(Peer, new IceFailure(below, default, default));
            Assert.AreNotEqual(ConnectFailureReason.Other, failure.Reason, below.ToString());
            Assert.IsNull(failure.LocalNat);
        }
    }

    [TestMethod]
    [DataRow(IceFailureReason.ChecksFailed)]
    [DataRow(IceFailureReason.RelayAbsent)]
    [DataRow(IceFailureReason.RelayRefused)]
    [DataRow(IceFailureReason.RelayQuota)]
    [DataRow(IceFailureReason.RelayUnreachable)]
    public void Of_NatsInTheWay_NamesBoth(IceFailureReason below)
    {
        string words = ConnectFailures.Of(Peer, new IceFailure(below, Symmetric, OnePort)).Message;
        Assert.Contains("its NAT (one port for all) and ours (a port for each destination)", words);
    }

    [TestMethod]
    public void Of_ErrorWhileDialling_HasItsReason()
    {
        var refused = new IOException("tcp: refused", new SocketException((int)SocketError.ConnectionRefused));
        var timeout = new TimeoutRejectedException("late", new OperationCanceledException());
        (Exception Error, ConnectFailureReason Reason)[] cases =
        [
            (refused, ConnectFailureReason.Unreachable),
            (new IOException("tcp: late", new SocketException((int)SocketError.TimedOut)), ConnectFailureReason.TimedOut),
            (timeout, ConnectFailureReason.TimedOut),
            (new TimeoutException(), ConnectFailureReason.TimedOut),
            (Authentication(PeerAuthenticationFailure.WrongPeer), ConnectFailureReason.IdentityWrong),
            (Authentication(PeerAuthenticationFailure.NoKey), ConnectFailureReason.IdentityWrong),
            (Authentication(PeerAuthenticationFailure.Handshake), ConnectFailureReason.HandshakeFailed),
            (Authentication(PeerAuthenticationFailure.TimedOut), ConnectFailureReason.TimedOut),
            (new BrokenCircuitException("left alone", refused), ConnectFailureReason.Unreachable),
            (new BrokenCircuitException("left alone", timeout), ConnectFailureReason.TimedOut),
            (new TimeoutRejectedException("late", new OperationCanceledException("given up", refused)), ConnectFailureReason.Unreachable),
        ];
        foreach ((Exception error, ConnectFailureReason reason) in cases)
        {
            ConnectFailure failure = ConnectFailures.Of(Peer, Address, error);
            Assert.AreEqual(reason, failure.Reason, error.ToString());
            Assert.AreEqual(Address, failure.Address);
            Assert.StartsWith($"{Peer.ToShortString()} at 192.0.2.7:6881: ", failure.ToString());
        }
    }

    private static PeerAuthenticationException Authentication(PeerAuthenticationFailure failure) => new(failure, "not so");
}
