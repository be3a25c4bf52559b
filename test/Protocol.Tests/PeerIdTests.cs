namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class PeerIdTests
{
    [TestMethod]
    public void Text_OfRandomIds_ReadsBack()
    {
        var random = new Random(7);
        byte[] bytes = new byte[PeerId.SizeInBytes];
        byte[] copy = new byte[PeerId.SizeInBytes];
        for (int round = 0; round < 100; round++)
        {
            random.NextBytes(bytes);
            bytes[0] = 0;
            var id = new PeerId(bytes);
            string text = id.ToString();
            Assert.AreEqual(Convert.ToHexStringLower(bytes), text);
            Assert.IsTrue(PeerId.TryParse(text.ToUpperInvariant(), out PeerId read));
            Assert.AreEqual(id, read);
            read.CopyTo(copy);
            CollectionAssert.AreEqual(bytes, copy);
            Assert.AreEqual(text[..8], id.ToShortString());
        }
    }

    [TestMethod]
    public void TryParse_WrongLengthOrDigits_ReturnsFalse()
    {
        string good = new('a', PeerId.TextLength);
        Assert.IsTrue(PeerId.TryParse(good, out _));
        Assert.IsFalse(PeerId.TryParse(good[1..], out _));
        Assert.IsFalse(PeerId.TryParse(good + "a", out _));
        Assert.IsFalse(PeerId.TryParse(good[1..] + "g", out _));
        Assert.IsTrue(default(PeerId).IsEmpty);
    }
}
