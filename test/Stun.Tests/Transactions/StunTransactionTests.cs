using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunTransactionTests
{
    private static readonly TransportAddress Server = Addresses.Of("192.0.2.1:3478");

    [TestMethod]
    public void PollTransmit_WithoutAnswer_FollowsTheScheduleOfTheRfc()
    {
        var start = new MonotonicTime(5_000_000);
        var transaction = new StunTransaction(BindingRequest.Encode(Ids.Of(1)), Server, start);
        var sentAtMillis = new List<long>();
        var buffer = new byte[1500];
        MonotonicTime now = start;
        while (true)
        {
            transaction.HandleTimeout(now);
            if (transaction.PollTransmit(now, buffer, out Transmit transmit))
            {
                Assert.AreEqual(new Transmit(Server, 20), transmit);
                sentAtMillis.Add((long)(now - start).TotalMilliseconds);
            }

            if (transaction.Deadline is not { } next) break;
            Assert.IsTrue(next > now, "no deadline may lie in the past");
            now = next;
        }

        CollectionAssert.AreEqual(new long[] { 0, 500, 1500, 3500, 7500, 15500, 31500 }, sentAtMillis);
        Assert.AreEqual(39_500, (now - start).TotalMilliseconds);
        Assert.IsTrue(transaction.HasFailed);
        Assert.IsFalse(transaction.PollTransmit(now, buffer, out _));
    }

    [TestMethod]
    public void HandleTimeout_TooEarly_ChangesNothing()
    {
        var transaction = new StunTransaction(BindingRequest.Encode(Ids.Of(1)), Server, default);
        Assert.IsTrue(transaction.PollTransmit(default, new byte[1500], out _));
        transaction.HandleTimeout(new MonotonicTime(499_999));
        Assert.IsFalse(transaction.IsSendDue);
        transaction.HandleTimeout(new MonotonicTime(500_000));
        Assert.IsTrue(transaction.IsSendDue);
    }

    [TestMethod]
    public void Constructor_OfAnythingButARequest_Throws()
    {
        byte[] response = SampleMessages.IPv4Response;
        Assert.ThrowsExactly<ArgumentException>(() => new StunTransaction(response, Server, default));
        Assert.ThrowsExactly<ArgumentException>(() => new StunTransaction(new byte[3], Server, default));
    }
}
