using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>What reaches an agent from the network: signed, unsigned, cut, changed.</summary>
[TestClass]
public sealed class IceCheckMessageTests
{
    private static readonly TransportAddress Source = Addresses.Of("203.0.113.5:1234");
    private static readonly MonotonicTime Now = new(1_000_000);
    private readonly byte[] _buffer = new byte[1500];

    [TestMethod]
    public void HandleMessage_SignedCheck_IsAnsweredToWhereItCameFrom()
    {
        IceAgent agent = Agent();
        Assert.IsTrue(Give(agent, Check(agent.Credentials.Password)));
        Assert.IsTrue(agent.PollTransmit(Now, _buffer, out IceTransmit answer));
        Assert.AreEqual(Source, answer.Destination);
        Assert.IsTrue(StunMessage.TryParse(_buffer.AsSpan(0, answer.Bytes), out StunMessage message));
        Assert.AreEqual(StunClass.SuccessResponse, message.Class);
        Assert.IsTrue(message.TryGetMappedAddress(out TransportAddress mapped));
        Assert.AreEqual(Source, mapped);
    }

    [TestMethod]
    public void HandleMessage_WronglySignedCheck_IsNotAnswered()
    {
        IceAgent agent = Agent();
        Give(agent, Check("wrongwrongwrongwrongwrong"));
        Assert.IsFalse(agent.PollTransmit(Now, _buffer, out _));
    }

    [TestMethod]
    public void HandleMessage_TruncatedOrMutatedCheck_NeverThrowsAndIsNeverAnswered()
    {
        IceAgent agent = Agent();
        byte[] check = Check(agent.Credentials.Password);
        for (int length = 0; length < check.Length; length++) Give(agent, check[..length]);
        for (int seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            byte[] mutated = [.. check];
            int at = random.Next(mutated.Length - 8);   // the fingerprint alone protects nothing
            byte before = mutated[at];
            mutated[at] = (byte)random.Next(256);
            if (mutated[at] != before) Give(agent, mutated);
            Assert.IsFalse(agent.PollTransmit(Now, _buffer, out _), $"seed {seed}");
        }
    }

    [TestMethod]
    public void HandleMessage_CheckForAnotherFragment_IsNotOurs()
    {
        IceAgent agent = Agent();
        Assert.IsFalse(Give(agent, Check(agent.Credentials.Password, "somebodyelse:peer")));
    }

    [TestMethod]
    public void HandleMessage_ManyChecksAtOnce_AnswersAreBounded()
    {
        IceAgent agent = Agent();
        for (int i = 0; i < 100; i++) Give(agent, Check(agent.Credentials.Password));
        int answers = 0;
        while (agent.PollTransmit(Now, _buffer, out _)) answers++;
        Assert.AreEqual(IceReplies.MaxReplies, answers);
    }

    [TestMethod]
    public void SetRemote_OfferOfAStranger_CostsLessThanAKilobyteAndNoSocket()
    {
        IceAgent agent = Agent();
        IceCandidate[] victims = [.. Enumerable.Range(1, IceAgent.MaxCandidates).Select(i => IceCandidate.Create(IceCandidateType.ServerReflexive, Addresses.Of($"198.51.100.{i}:80")))];
        var nat = new IceNat(NatMapping.Dependent, NatFiltering.AddressAndPortDependent);
        agent.SetRemote(Now, new IceRemoteDescription(new IceCredentials("peerpeer", "passwordpasswordpassword"), victims, nat, IsConfirmed: false));
        int bytes = 0;
        while (agent.Deadline is { } due)
        {
            agent.HandleTimeout(due);
            while (agent.PollTransmit(due, _buffer, out IceTransmit check)) bytes += check.Bytes;
            Assert.AreEqual(0, agent.WantedSockets);
        }

        Assert.AreEqual(IceFailureReason.ChecksFailed, agent.Failure?.Reason);
        Assert.IsGreaterThan(0, bytes);
        Assert.IsLessThan(1024, bytes);
    }

    private static IceAgent Agent()
    {
        var random = new Random(7);
        var settings = new IceAgentSettings { Role = IceRole.Controlled, TieBreaker = 5, Credentials = new IceCredentials("fragment", "passwordpasswordpassword") };
        var agent = new IceAgent(settings, random, () => new StunTransactionId(new byte[StunTransactionId.SizeInBytes]));
        agent.Start(Now, new IceLocalDescription([IceCandidate.Create(IceCandidateType.Host, Addresses.Of("192.168.1.2:6881"))], [], default));
        return agent;
    }

    private static byte[] Check(string password, string username = "fragment:peer")
    {
        byte[] buffer = new byte[IceCheckMessage.MaxBytes];
        var fields = new IceCheckFields(100, IsControlling: true, TieBreaker: 9, UseCandidate: false, Straight: Source);
        int bytes = IceCheckMessage.WriteRequest(
            buffer, new StunTransactionId(new byte[StunTransactionId.SizeInBytes]), username, fields, new IceCredentials("fragment", password).Hmac);
        return buffer[..bytes];
    }

    private static bool Give(IceAgent agent, byte[] datagram) =>
        StunMessage.TryParse(datagram, out StunMessage message) && agent.HandleMessage(Now, IcePaths.SharedSocket, Source, message);
}
