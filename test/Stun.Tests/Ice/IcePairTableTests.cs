using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>What an agent makes of addresses that no offer has named.</summary>
[TestClass]
public sealed class IcePairTableTests
{
    private const int GuessingSockets = 100;
    private static readonly TransportAddress OwnAddress = Addresses.Of("203.0.113.5:6881");
    private static readonly TransportAddress OwnRelay = Addresses.Of("198.51.100.3:50001");
    private static readonly TransportAddress PeersAddress = Addresses.Of("198.51.100.7:6881");
    private static readonly TransportAddress PeersRelay = Addresses.Of("198.51.100.3:50000");
    private readonly byte[] _buffer = new byte[1500];
    private readonly Random _random = new(3);
    private MonotonicTime _now = new(1_000_000);

    // Found by the simulator: the peer's relay was taken for a direct way, and neither side looked for a better one any more.
    [TestMethod]
    public void Check_ByARelayThatNoOfferNamed_CountsAsRelayed()
    {
        IceAgent sender = Start("sender01", PeersAddress, IceCandidate.Create(IceCandidateType.Relayed, PeersRelay, IcePaths.FirstRelay));
        IceAgent receiver = Start("receiver", OwnAddress);
        Introduce(sender, receiver, OwnAddress);
        Introduce(receiver, sender, PeersAddress);
        for (int i = 0; i < 10; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            sender.HandleTimeout(_now);
            while (sender.PollTransmit(_now, _buffer, out IceTransmit transmit))
            {
                bool isRelayed = IcePaths.IsRelay(transmit.Path);
                if (StunMessage.TryParse(_buffer.AsSpan(0, transmit.Bytes), out StunMessage check)) receiver.HandleMessage(_now, 0, isRelayed ? PeersRelay : PeersAddress, check);
            }
        }

        var proven = new List<IcePath>();
        receiver.CopyProvenPaths(proven);
        Assert.IsTrue(proven.Single(path => path.Remote == PeersRelay).IsRelayed);
        Assert.IsFalse(proven.Single(path => path.Remote == PeersAddress).IsRelayed);
    }

    // Found by the simulator: addresses that work and are not needed pushed each other out of a full table, and each one that came back was checked anew, for ever.
    [TestMethod]
    public void Checks_FromMoreAddressesThanTheTableHolds_AreNotCheckedAgainAndAgain()
    {
        IceAgent agent = Start("receiver", OwnAddress);
        IceAgent peer = Start("sender01", PeersAddress);
        Introduce(agent, peer, PeersAddress);
        int first = GuessAll(agent, peer);
        Assert.IsGreaterThan(IcePairTable.MaxPairs / 2, first, "The first time, there is something to check.");
        int later = 0;
        for (int round = 0; round < 10; round++) later += GuessAll(agent, peer);
        Assert.IsLessThan(GuessingSockets / 2, later);
    }

    // Found by the simulator: addresses from guessing filled the table. When the peer's NAT gave the way through our relay another port, that had no place.
    [TestMethod]
    public void Check_ByOurRelayFromAnotherPort_FindsAPlaceAmongGuesses()
    {
        IceAgent agent = Start("sender01", OwnAddress, IceCandidate.Create(IceCandidateType.Relayed, OwnRelay, IcePaths.FirstRelay));
        IceAgent peer = Start("receiver", PeersAddress);
        Introduce(agent, peer, PeersAddress);
        TransportAddress before = PeersAddress.WithPort(30_000), after = PeersAddress.WithPort(30_001);
        Check(agent, peer, IcePaths.FirstRelay, before, nominates: true);
        Answer(agent, peer, to => to == before);
        Assert.AreEqual(before, agent.Selected?.Remote);

        for (int socket = 0; socket < GuessingSockets; socket++)
        {
            Check(agent, peer, IcePaths.SharedSocket, PeersAddress.WithPort((ushort)(20_000 + socket)));
            Answer(agent, peer, _ => false);
        }

        Assert.AreEqual(IcePairTable.MaxPairs, agent.PairCount);
        for (int second = 0; second < 5; second++)
        {
            _now += TimeSpan.FromSeconds(1);
            Check(agent, peer, IcePaths.FirstRelay, after, nominates: true);
            Answer(agent, peer, to => to == after);
        }

        Assert.AreEqual(IceAgentState.Connected, agent.State);
        Assert.AreEqual(after, agent.Selected?.Remote);
    }

    [TestMethod]
    public void Check_ThatTellsMoreAndMoreAddresses_CostsFewChecks()
    {
        IceAgent agent = Start("receiver", OwnAddress);
        IceAgent peer = Start("sender01", PeersAddress);
        Introduce(agent, peer, PeersAddress);
        var told = new HashSet<TransportAddress>();
        for (int i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            Check(agent, peer, IcePaths.FirstRelay, PeersRelay, straight: Addresses.Of($"203.0.113.{100 + i}:80"));
            Check(agent, peer, IcePaths.FirstRelay, PeersRelay, straight: Addresses.Of($"192.168.7.{100 + i}:80"));
            Answer(agent, peer, to => !told.Add(to));
        }

        told.ExceptWith([PeersRelay, PeersAddress]);
        Assert.IsGreaterThan(0, told.Count, "The first is believed.");
        Assert.IsLessThan(4, told.Count, "One in five seconds.");
        Assert.IsTrue(told.All(address => IceCandidateFilter.IsPublic(address)), "Nobody makes us look around at home.");
    }

    private void Check(IceAgent agent, IceAgent peer, int path, TransportAddress source, bool nominates = false, TransportAddress? straight = null)
    {
        var fields = new IceCheckFields(IceAgent.CheckPriority, peer.Role == IceRole.Controlling, 1, nominates, straight);
        int bytes = IceCheckMessage.WriteRequest(_buffer, NewId(), $"{agent.Credentials.Fragment}:{peer.Credentials.Fragment}", fields, agent.Credentials.Hmac);
        Give(agent, source, bytes, path);
    }

    private int Answer(IceAgent agent, IceAgent peer, Predicate<TransportAddress> isAnswered)
    {
        int asked = 0;
        _now += TimeSpan.FromMilliseconds(1);
        agent.HandleTimeout(_now);
        while (agent.PollTransmit(_now, _buffer, out IceTransmit transmit))
        {
            if (!StunMessage.TryParse(_buffer.AsSpan(0, transmit.Bytes), out StunMessage message) || message.Class != StunClass.Request) continue;
            asked++;
            if (!isAnswered(transmit.Destination)) continue;
            Give(agent, transmit.Destination, IceCheckMessage.WriteSuccess(_buffer, message.TransactionId, OwnAddress, peer.Credentials.Hmac), transmit.Path);
        }

        return asked;
    }

    // Every socket of the peer sends one check, and answers what it is asked.
    private int GuessAll(IceAgent agent, IceAgent peer)
    {
        int asked = 0;
        for (int socket = 0; socket < GuessingSockets; socket++)
        {
            Check(agent, peer, IcePaths.SharedSocket, PeersAddress.WithPort((ushort)(20_000 + socket)));
            asked += Answer(agent, peer, _ => true);
        }

        return asked;
    }

    private void Give(IceAgent agent, TransportAddress source, int bytes, int path)
    {
        Assert.IsTrue(StunMessage.TryParse(_buffer.AsSpan(0, bytes).ToArray(), out StunMessage message));
        agent.HandleMessage(_now, path, source, message);
    }

    private IceAgent Start(string fragment, TransportAddress address, params IceCandidate[] more)
    {
        var settings = new IceAgentSettings { Role = fragment == "receiver" ? IceRole.Controlling : IceRole.Controlled, TieBreaker = 7, Credentials = new IceCredentials(fragment, $"{fragment}{fragment}{fragment}") };
        var agent = new IceAgent(settings, new Random(1), NewId);
        agent.Start(_now, new IceLocalDescription([IceCandidate.Create(IceCandidateType.Host, address), .. more], [], default));
        return agent;
    }

    private void Introduce(IceAgent to, IceAgent from, TransportAddress address) =>
        to.SetRemote(_now, new IceRemoteDescription(from.Credentials, [IceCandidate.Create(IceCandidateType.Host, address)], default, IsConfirmed: true));

    private StunTransactionId NewId()
    {
        Span<byte> bytes = stackalloc byte[StunTransactionId.SizeInBytes];
        _random.NextBytes(bytes);
        return new StunTransactionId(bytes);
    }
}
