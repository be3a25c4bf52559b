namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class Sha256DigestTests
{
    // FIPS 180-4 example: SHA-256 of "abc".
    private const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [TestMethod]
    public void Of_PublishedVector_Matches()
    {
        Sha256Digest digest = Sha256Digest.Of("abc"u8);
        Assert.AreEqual(Abc, digest.ToString());
        byte[] text = new byte[Sha256Digest.TextLength];
        Assert.IsTrue(digest.TryFormat(text, out int written));
        Assert.AreEqual(Sha256Digest.TextLength, written);
        Assert.IsTrue(Sha256Digest.TryParse(text, out Sha256Digest again));
        Assert.AreEqual(digest, again);
        Assert.IsTrue(Sha256Digest.TryParse(Abc.ToUpperInvariant(), out again));
        Assert.AreEqual(digest, again);
        Assert.IsFalse(digest.TryFormat(new byte[63], out _));
    }

    [TestMethod]
    public void TryParse_AnyTruncationOrWrongDigit_ReturnsFalse()
    {
        for (int length = 0; length < Abc.Length; length++) Assert.IsFalse(Sha256Digest.TryParse(Abc.AsSpan(0, length), out _));
        Assert.IsFalse(Sha256Digest.TryParse(Abc + "0", out _));
        Assert.IsFalse(Sha256Digest.TryParse("g" + Abc[1..], out _));
        Assert.IsFalse(Sha256Digest.TryParse([0xFF, .. System.Text.Encoding.ASCII.GetBytes(Abc[1..])], out _));
    }

    [TestMethod]
    public void OfPair_TwoDigests_HashesTheirConcatenation()
    {
        Sha256Digest left = Sha256Digest.Of("l"u8);
        Sha256Digest right = Sha256Digest.Of("r"u8);
        byte[] both = new byte[64];
        left.CopyTo(both);
        right.CopyTo(both.AsSpan(32));
        Assert.AreEqual(Sha256Digest.Of(both), Sha256Digest.OfPair(left, right));
    }
}
