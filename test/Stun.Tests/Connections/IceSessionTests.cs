using CS3103P2P.Protocol;
using CS3103P2P.Stun.Connections;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.Connections;

[TestClass]
public sealed class IceSessionTests
{
    private const ulong Ours = 7;
    private static readonly PeerId Peer = new(new byte[PeerId.SizeInBytes]);
    private static readonly MonotonicTime Start = new(1_000_000);

    [TestMethod]
    public void TryTake_AnswerRepeatedBeforeOurWordThatItArrived_StillSendsThatWord()
    {
        IceSession session = NewSession();
        Assert.IsTrue(session.TryTake(Start, Answer()));
        Assert.IsTrue(session.TryTake(Start, Answer()));
        Assert.AreEqual(Start, session.NextOfferAt);
    }

    [TestMethod]
    public void TryTake_AnswerRepeatedWhenConnected_SendsNothingMore()
    {
        IceSession session = NewSession();
        session.TryTake(Start, Answer());
        session.HasBeenConnected = true;
        session.TryTake(Start, Answer());
        Assert.IsNull(session.NextOfferAt);
    }

    private static IceSession NewSession() =>
        new(Peer, new IceConnection(Peer, default, () => Task.CompletedTask), Ours, isAsked: true, IceSession.FirstSequence) { Sender = (_, _, _) => Task.FromResult(true) };

    private static IceOffer Answer() => new()
    {
        Session = 9,
        EchoedSession = Ours,
        Sequence = IceSession.FirstSequence,
        EchoedSequence = IceSession.FirstSequence,
        Role = IceRole.Controlled,
        TieBreaker = 1,
        Credentials = new IceCredentials("frag", "apasswordofenoughletters"),
        Candidates = [],
    };
}
