using System.Text;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class DatagramClassifierTests
{
    private static readonly byte[] Stun = Convert.FromHexString("000100002112A442000102030405060708090A0B");

    [TestMethod]
    [DataRow("000100002112A442000102030405060708090A0B", DatagramKind.Stun, DisplayName = "binding request")]
    [DataRow("010100002112A442000102030405060708090A0B", DatagramKind.Stun, DisplayName = "binding response, which looks like uTP data")]
    [DataRow("000100032112A442000102030405060708090A0B", DatagramKind.Foreign, DisplayName = "length not divisible by 4")]
    [DataRow("000100002112A443000102030405060708090A0B", DatagramKind.Foreign, DisplayName = "wrong cookie")]
    [DataRow("800100002112A442000102030405060708090A0B", DatagramKind.Foreign, DisplayName = "RTP bits")]
    [DataRow("40010004AABBCCDD", DatagramKind.TurnChannel, DisplayName = "channel data")]
    [DataRow("4001000500000000", DatagramKind.Foreign, DisplayName = "channel data that is cut")]
    [DataRow("40FF00000000", DatagramKind.TurnChannel, DisplayName = "padded channel data")]
    [DataRow("4100AAAA000000000000000000001000FFFF0000", DatagramKind.Utp, DisplayName = "uTP SYN")]
    [DataRow("0101AAAA000000000000000000001000FFFF0000", DatagramKind.Utp, DisplayName = "uTP data with selective ack")]
    [DataRow("2100AAAA000000000000000000001000FFFF00", DatagramKind.Foreign, DisplayName = "uTP cut by one byte")]
    [DataRow("5100AAAA000000000000000000001000FFFF0000", DatagramKind.Foreign, DisplayName = "uTP of type 5")]
    [DataRow("2200AAAA000000000000000000001000FFFF0000", DatagramKind.Foreign, DisplayName = "uTP of version 2")]
    [DataRow("", DatagramKind.Foreign, DisplayName = "empty")]
    public void Classify_Binary_Kind(string hex, DatagramKind expected) =>
        Assert.AreEqual(expected, DatagramClassifier.Classify(Convert.FromHexString(hex)));

    [TestMethod]
    [DataRow("REQUEST 6", DatagramKind.Tracker)]
    [DataRow("RESPONSE ", DatagramKind.Tracker)]
    [DataRow("RESPONSE", DatagramKind.Tracker)]
    [DataRow("ERROR\n", DatagramKind.Tracker)]
    [DataRow("AUTHENTICATE 0123456789", DatagramKind.Tracker)]
    [DataRow("B 0123456789012345678901234567890", DatagramKind.Foreign)]
    [DataRow("request 6", DatagramKind.Foreign)]
    [DataRow("ABCDEFGHIJKLMNOPQ x", DatagramKind.Foreign)]
    [DataRow("REQUEST1", DatagramKind.Foreign)]
    public void Classify_Text_Kind(string text, DatagramKind expected) =>
        Assert.AreEqual(expected, DatagramClassifier.Classify(Encoding.ASCII.GetBytes(text)));

    [TestMethod]
    public void Classify_Truncated_OnlyTheWholeHeaderIsStun()
    {
        for (int length = 0; length < Stun.Length; length++)
            Assert.AreNotEqual(DatagramKind.Stun, DatagramClassifier.Classify(Stun.AsSpan(0, length)), $"{length} bytes");
    }

    [TestMethod]
    public void Classify_RandomBytes_NeverThrowsAndStaysDefined()
    {
        const int Seed = 20261121;
        var random = new Random(Seed);
        byte[] datagram = new byte[64];
        for (int i = 0; i < 100_000; i++)
        {
            random.NextBytes(datagram);
            Stun.CopyTo(datagram, 0);
            datagram[random.Next(Stun.Length)] = (byte)random.Next(256);
            DatagramKind kind = DatagramClassifier.Classify(datagram.AsSpan(0, random.Next(datagram.Length)));
            Assert.IsTrue(Enum.IsDefined(kind), $"seed {Seed}, round {i}");
        }
    }
}
