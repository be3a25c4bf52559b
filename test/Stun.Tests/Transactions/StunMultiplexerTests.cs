using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunMultiplexerTests
{
    private static readonly TransportAddress Server = Addresses.Of("192.0.2.1:3478");

    [TestMethod]
    public void HandleDatagram_ResponseWithKnownId_EndsItsTransaction()
    {
        var multiplexer = new StunMultiplexer();
        var handler = new RecordingHandler();
        Start(multiplexer, handler, 1);
        Start(multiplexer, handler, 2);
        multiplexer.HandleDatagram(default, Server, Response(2));
        CollectionAssert.AreEqual(new[] { Ids.Of(2) }, handler.Answered);
        Assert.AreEqual(1, multiplexer.OpenTransactions);
        multiplexer.HandleDatagram(default, Server, Response(2));
        Assert.HasCount(1, handler.Answered);
    }

    [TestMethod]
    public void HandleDatagram_ResponseFromElsewhere_IsIgnoredUnlessAllowed()
    {
        var multiplexer = new StunMultiplexer();
        var handler = new RecordingHandler();
        Start(multiplexer, handler, 1);
        Start(multiplexer, handler, 2, acceptAnySource: true);
        TransportAddress elsewhere = Addresses.Of("192.0.2.2:3478");
        multiplexer.HandleDatagram(default, elsewhere, Response(1));
        multiplexer.HandleDatagram(default, elsewhere, Response(2));
        CollectionAssert.AreEqual(new[] { Ids.Of(2) }, handler.Answered);
    }

    [TestMethod]
    public void HandleDatagram_ResponseThatTheHandlerIgnores_LeavesTheTransactionOpen()
    {
        var multiplexer = new StunMultiplexer();
        var handler = new RecordingHandler { Accepts = false };
        Start(multiplexer, handler, 1);
        multiplexer.HandleDatagram(default, Server, Response(1));
        Assert.AreEqual(1, multiplexer.OpenTransactions);
    }

    [TestMethod]
    public void HandleTimeout_WithoutAnswer_RetransmitsThenTellsTheHandler()
    {
        var multiplexer = new StunMultiplexer();
        var handler = new RecordingHandler();
        Start(multiplexer, handler, 1);
        var buffer = new byte[1500];
        int sends = 0;
        MonotonicTime now = default;
        while (multiplexer.Deadline is { } next)
        {
            now = next;
            multiplexer.HandleTimeout(now);
            while (multiplexer.PollTransmit(now, buffer, out _)) sends++;
        }

        Assert.AreEqual(7, sends);
        Assert.AreEqual(39_500_000, now.Micros);
        CollectionAssert.AreEqual(new[] { Ids.Of(1) }, handler.Failed);
        Assert.AreEqual(0, multiplexer.OpenTransactions);
    }

    [TestMethod]
    public void TryStart_BeyondTheLimit_IsRefused()
    {
        var multiplexer = new StunMultiplexer();
        var handler = new RecordingHandler();
        for (int i = 0; i < StunMultiplexer.MaxTransactions; i++) Start(multiplexer, handler, i);
        var extra = new StunTransaction(BindingRequest.Encode(Ids.Of(-1)), Server, default);
        Assert.IsFalse(multiplexer.TryStart(extra, handler));
        Assert.IsTrue(multiplexer.Cancel(Ids.Of(3)));
        Assert.IsTrue(multiplexer.TryStart(extra, handler));
    }

    [TestMethod]
    public void Abort_WithOpenTransactions_FailsThemAll()
    {
        var multiplexer = new StunMultiplexer();
        var handler = new RecordingHandler();
        Start(multiplexer, handler, 1);
        Start(multiplexer, handler, 2);
        multiplexer.Abort(default);
        Assert.HasCount(2, handler.Failed);
        Assert.IsFalse(multiplexer.PollTransmit(default, new byte[1500], out _));
        Assert.IsNull(multiplexer.Deadline);
    }

    [TestMethod]
    public void HandleDatagram_Request_GoesToTheAgentsInOrderUntilOneTakesIt()
    {
        var multiplexer = new StunMultiplexer();
        var responder = new StunResponderMachine(new StunResponder());
        var agent = new RecordingAgent();
        Assert.IsTrue(multiplexer.TryAttach(agent));
        Assert.IsTrue(multiplexer.TryAttach(responder));
        multiplexer.HandleDatagram(default, Server, BindingRequest.Encode(Ids.Of(1)));
        Assert.AreEqual(1, agent.Seen);
        Assert.AreEqual(1, responder.Answered);
        agent.Takes = true;
        multiplexer.HandleDatagram(default, Server, BindingRequest.Encode(Ids.Of(2)));
        Assert.AreEqual(1, responder.Answered);
        var buffer = new byte[1500];
        Assert.IsTrue(multiplexer.PollTransmit(default, buffer, out Transmit transmit));
        Assert.AreEqual(Server, transmit.Destination);
        Assert.IsFalse(multiplexer.PollTransmit(default, buffer, out _));
        multiplexer.Detach(agent);
        multiplexer.HandleDatagram(default, Server, BindingRequest.Encode(Ids.Of(3)));
        Assert.AreEqual(2, agent.Seen);
    }

    [TestMethod]
    public void Deadline_OfAnAgent_IsHonoured()
    {
        var multiplexer = new StunMultiplexer();
        var agent = new RecordingAgent { Deadline = new MonotonicTime(70) };
        Assert.IsTrue(multiplexer.TryAttach(agent));
        Assert.AreEqual(new MonotonicTime(70), multiplexer.Deadline);
        multiplexer.HandleTimeout(new MonotonicTime(69));
        Assert.AreEqual(0, agent.Timeouts);
        multiplexer.HandleTimeout(new MonotonicTime(70));
        Assert.AreEqual(1, agent.Timeouts);
    }

    internal static byte[] Response(int id, string mapped = "203.0.113.5:6881")
    {
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunClass.SuccessResponse, StunMethod.Binding, Ids.Of(id));
        writer.WriteXorAddress(StunAttributeType.XorMappedAddress, Addresses.Of(mapped));
        Assert.IsTrue(writer.TryFinish(out int length));
        return buffer[..length];
    }

    private static void Start(StunMultiplexer multiplexer, RecordingHandler handler, int id, bool acceptAnySource = false)
    {
        var transaction = new StunTransaction(BindingRequest.Encode(Ids.Of(id)), Server, default);
        Assert.IsTrue(multiplexer.TryStart(transaction, handler, acceptAnySource));
    }

    private sealed class RecordingHandler : IStunTransactionHandler
    {
        public bool Accepts { get; init; } = true;

        public List<StunTransactionId> Answered { get; } = [];

        public List<StunTransactionId> Failed { get; } = [];

        public bool HandleResponse(MonotonicTime now, TransportAddress source, in StunMessage response, StunTransaction transaction)
        {
            if (Accepts) Answered.Add(response.TransactionId);
            return Accepts;
        }

        public void HandleFailure(MonotonicTime now, StunTransaction transaction) => Failed.Add(transaction.Id);
    }

    private sealed class RecordingAgent : IStunAgent
    {
        public bool Takes { get; set; }

        public int Seen { get; private set; }

        public int Timeouts { get; private set; }

        public MonotonicTime? Deadline { get; init; }

        public bool HandleMessage(MonotonicTime now, TransportAddress source, in StunMessage message)
        {
            Seen++;
            return Takes;
        }

        public void HandleTimeout(MonotonicTime now) => Timeouts++;

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            transmit = default;
            return false;
        }
    }
}
