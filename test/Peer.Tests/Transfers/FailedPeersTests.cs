using System.Net;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Transfers;

[TestClass]
public sealed class FailedPeersTests
{
    private readonly List<ConnectFailure> _reported = [];

    [TestMethod]
    public void Add_SameReasonAgain_IsReportedOnce()
    {
        FailedPeers failed = New();
        failed.Add(Failure(1, ConnectFailureReason.RelayAbsent));
        failed.Add(Failure(1, ConnectFailureReason.RelayAbsent));
        failed.Add(Failure(2, ConnectFailureReason.RelayAbsent));
        Assert.HasCount(2, _reported);
    }

    [TestMethod]
    public void Add_AddressSilentAfterAReasonThatTells_KeepsTheLatter()
    {
        FailedPeers failed = New();
        failed.Add(Failure(1, ConnectFailureReason.TimedOut));
        failed.Add(Failure(1, ConnectFailureReason.RelayAbsent));
        failed.Add(Failure(1, ConnectFailureReason.TimedOut));
        Assert.AreEqual(ConnectFailureReason.RelayAbsent, Thrown(failed).FailedPeers.Single().Reason);
        Assert.HasCount(2, _reported);
    }

    [TestMethod]
    public void Add_AnotherReasonThatTells_ReplacesTheFirst()
    {
        FailedPeers failed = New();
        failed.Add(Failure(1, ConnectFailureReason.RelayAbsent));
        failed.Add(Failure(1, ConnectFailureReason.OfferNotDelivered));
        Assert.AreEqual(ConnectFailureReason.OfferNotDelivered, Thrown(failed).FailedPeers.Single().Reason);
    }

    [TestMethod]
    public void Forget_PeerReached_IsNoFailureAnyMoreUnlessItRefused()
    {
        FailedPeers failed = New();
        failed.Add(Failure(1, ConnectFailureReason.RelayAbsent));
        failed.Add(Failure(2, ConnectFailureReason.Refused));
        failed.Forget(Id(1));
        failed.Forget(Id(2));
        Assert.AreEqual(Id(2), Thrown(failed).FailedPeers.Single().Peer);
    }

    [TestMethod]
    public void ToException_ManyPeers_ListsAndNamesNoMoreThanTheLimits()
    {
        FailedPeers failed = New();
        for (int i = 0; i < FailedPeers.MaxPeers + 100; i++)
        {
            failed.Add(new ConnectFailure(null, TransportAddress.FromIPv4((uint)i, 6881), ConnectFailureReason.Unreachable, "nothing answers there"));
        }

        failed.Add(Failure(1, ConnectFailureReason.Refused));
        P2PException thrown = Thrown(failed);
        Assert.HasCount(FailedPeers.MaxPeers, _reported);
        Assert.HasCount(P2PException.MaxFailedPeers, thrown.FailedPeers);
        Assert.EndsWith($"and {FailedPeers.MaxPeers - FailedPeers.MaxNamed} more.", thrown.Message);
        Assert.AreEqual(FailedPeers.MaxNamed, thrown.Message.Split("nothing answers there").Length - 1);
    }

    [TestMethod]
    public void ToException_OnePeer_SaysWhoAndWhy()
    {
        FailedPeers failed = New();
        failed.Add(new ConnectFailure(null, new TransportAddress(IPAddress.Loopback, 7), ConnectFailureReason.Unreachable, "nothing answers there"));
        P2PException thrown = Thrown(failed);
        Assert.AreEqual(P2PErrorReason.NoPeers, thrown.Reason);
        Assert.AreEqual("No peer can be reached. 127.0.0.1:7: nothing answers there.", thrown.Message);
    }

    [TestMethod]
    public void ToException_NoFailures_LeavesTheMessage() => Assert.AreEqual("No peer can be reached.", Thrown(New()).Message);

    private static P2PException Thrown(FailedPeers failed) => failed.ToException(P2PErrorReason.NoPeers, "No peer can be reached.");

    private static PeerId Id(byte number) => new(Enumerable.Repeat(number, PeerId.SizeInBytes).ToArray());

    private static ConnectFailure Failure(byte peer, ConnectFailureReason reason) => new(Id(peer), null, reason, reason.ToString());

    private FailedPeers New() => new(_reported.Add);
}
