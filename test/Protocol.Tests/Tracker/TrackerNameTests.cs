using System.Text;

namespace CS3103P2P.Protocol.Tests.Tracker;

[TestClass]
public sealed class TrackerNameTests
{
    [TestMethod]
    [DataRow("test.txt", "test.txt")]
    [DataRow("a b,c|d%e", "a%20b%2Cc%7Cd%25e")]
    [DataRow("übung 1.pdf", "übung%201.pdf")]
    [DataRow("日本語🎵", "日本語🎵")]
    [DataRow("a=b", "a%3Db")]
    public void TryEncode_ThenDecode_GivesTheName(string name, string wire)
    {
        byte[] buffer = new byte[TrackerLimits.MaxEncodedNameBytes];
        Assert.IsTrue(TrackerName.TryEncode(Encoding.UTF8.GetBytes(name), buffer, escapeEquals: true, out int length));
        Assert.AreEqual(wire, Encoding.UTF8.GetString(buffer, 0, length));
        Assert.IsTrue(TrackerName.TryDecode(buffer.AsSpan(0, length), out string decoded));
        Assert.AreEqual(name, decoded);
    }

    [TestMethod]
    public void TryEncode_WithoutExtensions_LeavesEquals()
    {
        byte[] buffer = new byte[3];
        Assert.IsTrue(TrackerName.TryEncode("a=b"u8, buffer, escapeEquals: false, out _));
        Assert.IsTrue("a=b"u8.SequenceEqual(buffer));
    }

    [TestMethod]
    public void TryEncode_TooShortBuffer_IsRefused() => Assert.IsFalse(TrackerName.TryEncode("a b"u8, new byte[4], escapeEquals: false, out _));

    [TestMethod]
    public void TryDecode_LongestName_Fits()
    {
        string name = new('%', ShareName.MaxBytes);
        byte[] buffer = new byte[TrackerLimits.MaxEncodedNameBytes];
        Assert.IsTrue(TrackerName.TryEncode(Encoding.UTF8.GetBytes(name), buffer, escapeEquals: true, out int length));
        Assert.AreEqual(TrackerLimits.MaxEncodedNameBytes, length);
        Assert.IsTrue(TrackerName.TryDecode(buffer, out string decoded));
        Assert.AreEqual(name, decoded);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("%")]
    [DataRow("%4")]
    [DataRow("%4g")]
    [DataRow("%0A")]
    [DataRow("%7F")]
    [DataRow("%C0%80")]
    [DataRow("%ED%A0%80")]
    [DataRow("%E2%80%AE")]
    public void TryDecode_NotAllowed_IsRefused(string wire) => Assert.IsFalse(TrackerName.TryDecode(Encoding.UTF8.GetBytes(wire), out string _));

    [TestMethod]
    public void TryDecode_TooLong_IsRefused() =>
        Assert.IsFalse(TrackerName.TryDecode(Encoding.UTF8.GetBytes(new string('a', ShareName.MaxBytes + 1)), out string _));
}
