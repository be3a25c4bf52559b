using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunBindingQueryTests
{
    private static readonly TransportAddress Server = Addresses.Of("192.0.2.1:3478");
    private static readonly TransportAddress Alternate = Addresses.Of("192.0.2.2:3478");

    private readonly StunMultiplexer _multiplexer = new();
    private readonly List<StunBindingResult> _results = [];
    private readonly byte[] _buffer = new byte[1500];

    [TestMethod]
    public void HandleResponse_WithXorMappedAddress_IsSuccess()
    {
        Start();
        _multiplexer.HandleDatagram(new MonotonicTime(40_000), Server, StunMultiplexerTests.Response(1));
        StunBindingResult result = Single();
        Assert.AreEqual(StunOutcome.Success, result.Outcome);
        Assert.AreEqual("203.0.113.5:6881", result.MappedAddress.ToString());
        Assert.AreEqual(Server, result.Server);
        Assert.AreEqual(TimeSpan.FromMilliseconds(40), result.RoundTrip);
        Assert.IsNull(result.OtherAddress);
    }

    [TestMethod]
    public void HandleResponse_OfAnOldServerWithMappedAddressOnly_IsSuccess()
    {
        Start();
        Answer(1, Server, StunClass.SuccessResponse, (ref StunMessageWriter w) =>
        {
            w.WriteAddress(StunAttributeType.MappedAddress, Addresses.Of("203.0.113.9:1"));
            w.WriteAddress(StunAttributeType.ClassicSourceAddress, Server);
            w.WriteAddress(StunAttributeType.ClassicChangedAddress, Alternate);
        });
        Assert.AreEqual("203.0.113.9:1", Single().MappedAddress.ToString());
        Assert.AreEqual(Alternate, Single().OtherAddress);
    }

    [TestMethod]
    public void HandleResponse_WithUnknownRequiredAttribute_Fails()
    {
        Start();
        Answer(1, Server, StunClass.SuccessResponse, (ref StunMessageWriter w) =>
        {
            w.WriteXorAddress(StunAttributeType.XorMappedAddress, Server);
            w.WriteUInt32((StunAttributeType)0x7777, 0);
        });
        Assert.AreEqual(StunOutcome.UnknownAttribute, Single().Outcome);
    }

    [TestMethod]
    public void HandleResponse_WithoutAddress_IsMalformed()
    {
        Start();
        Answer(1, Server, StunClass.SuccessResponse, (ref StunMessageWriter w) => w.Write(StunAttributeType.Software, "x"));
        Assert.AreEqual(StunOutcome.Malformed, Single().Outcome);
    }

    [TestMethod]
    public void HandleResponse_WithErrorCode_IsRefused()
    {
        Start();
        Answer(1, Server, StunClass.ErrorResponse, (ref StunMessageWriter w) => w.WriteErrorCode(400, "Bad Request"u8));
        Assert.AreEqual((StunOutcome.Refused, 400), (Single().Outcome, Single().ErrorCode));
    }

    [TestMethod]
    public void HandleResponse_AlternateServers_AreFollowedOnce()
    {
        Start();
        Redirect(1, Server, Alternate);
        Assert.IsEmpty(_results);
        Assert.AreEqual(Alternate, Drain().Single().Destination);
        Redirect(2, Alternate, Server);
        Assert.AreEqual((StunOutcome.Refused, 300), (Single().Outcome, Single().ErrorCode));
        Assert.AreEqual(0, _multiplexer.OpenTransactions);
    }

    [TestMethod]
    public void HandleResponse_AlternateServerIsItself_IsRefused()
    {
        Start();
        Redirect(1, Server, Server);
        Assert.AreEqual(StunOutcome.Refused, Single().Outcome);
    }

    [TestMethod]
    public void HandleResponse_OfTheAlternateServer_IsSuccess()
    {
        Start();
        Redirect(1, Server, Alternate);
        Drain();
        _multiplexer.HandleDatagram(default, Alternate, StunMultiplexerTests.Response(2));
        Assert.IsTrue(Single().IsSuccess);
        Assert.AreEqual(Alternate, Single().Server);
    }

    [TestMethod]
    public void HandleFailure_AfterTheSchedule_IsTimedOut()
    {
        Start();
        MonotonicTime now = default;
        while (_multiplexer.Deadline is { } next)
        {
            now = next;
            _multiplexer.HandleTimeout(now);
            Drain(now);
        }

        Assert.AreEqual(StunOutcome.TimedOut, Single().Outcome);
        Assert.AreEqual(3_300_000, now.Micros);
    }

    [TestMethod]
    public void Cancel_ThenAnswer_CallsNobody()
    {
        StunBindingQuery query = Start();
        query.Cancel();
        _multiplexer.HandleDatagram(default, Server, StunMultiplexerTests.Response(1));
        Assert.IsEmpty(_results);
        Assert.AreEqual(0, _multiplexer.OpenTransactions);
    }

    private delegate void WriteAttributes(ref StunMessageWriter writer);

    private StunBindingQuery Start()
    {
        var query = new StunBindingQuery(_multiplexer, Ids.Counting(), StunRetransmission.Brief, (_, result) => _results.Add(result));
        query.Start(default, Server);
        Drain();
        return query;
    }

    private StunBindingResult Single()
    {
        Assert.HasCount(1, _results);
        return _results[0];
    }

    private List<Transmit> Drain(MonotonicTime now = default)
    {
        var sent = new List<Transmit>();
        while (_multiplexer.PollTransmit(now, _buffer, out Transmit transmit)) sent.Add(transmit);
        return sent;
    }

    private void Redirect(int id, TransportAddress from, TransportAddress to) =>
        Answer(id, from, StunClass.ErrorResponse, (ref StunMessageWriter w) =>
        {
            w.WriteErrorCode(300, "Try Alternate"u8);
            w.WriteAddress(StunAttributeType.AlternateServer, to);
        });

    private void Answer(int id, TransportAddress from, StunClass messageClass, WriteAttributes write)
    {
        var buffer = new byte[300];
        var writer = new StunMessageWriter(buffer, messageClass, StunMethod.Binding, Ids.Of(id));
        write(ref writer);
        Assert.IsTrue(writer.TryFinish(out int length));
        _multiplexer.HandleDatagram(default, from, buffer.AsSpan(0, length));
    }
}
