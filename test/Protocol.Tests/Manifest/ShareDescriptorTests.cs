using System.Text;

namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class ShareDescriptorTests
{
    [TestMethod]
    [DataRow(0L, 2048, 0)]
    [DataRow(1L, 2048, 1)]
    [DataRow(2048L, 2048, 1)]
    [DataRow(2049L, 2048, 2)]
    [DataRow(2048L * int.MaxValue, 2048, int.MaxValue)]
    public void ChunkCount_AnySize_RoundsUp(long size, int chunk, int expected) =>
        Assert.AreEqual(expected, new ShareDescriptor("a", ShareKind.File, size, chunk, default).ChunkCount);

    [TestMethod]
    [DataRow("", 1L, 2048)]
    [DataRow("a\nb", 1L, 2048)]
    [DataRow("a", -1L, 2048)]
    [DataRow("a", 1L, 1024)]
    [DataRow("a", 1L, 3000)]
    [DataRow("a", 1L, 0)]
    [DataRow("a", 1L, int.MinValue)]
    [DataRow("a", 1L, 1 << 25)]
    [DataRow("a", (2048L * int.MaxValue) + 1, 2048)]
    public void TryCreate_NotValid_ReturnsFalse(string name, long size, int chunk)
    {
        Assert.IsFalse(ShareDescriptor.TryCreate(name, ShareKind.File, size, chunk, default, out _));
        Assert.ThrowsExactly<ArgumentException>(() => new ShareDescriptor(name, ShareKind.File, size, chunk, default));
    }

    [TestMethod]
    [DataRow("test.txt")]
    [DataRow("a b, c | 100%")]
    [DataRow("Tiếng Việt.pdf")]
    [DataRow("👩‍👩‍👧‍👦.mp4")]
    [DataRow("../up")]
    public void ShareName_PrintableText_IsValidAndRoundTrips(string name)
    {
        Assert.IsTrue(ShareName.IsValid(name));
        Assert.IsTrue(ShareName.TryParse(Encoding.UTF8.GetBytes(name), out string read));
        Assert.AreEqual(name, read);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("a\0")]
    [DataRow("a\u0085")]
    [DataRow("a\u2028b")]
    [DataRow("\u202Egpj.exe")]
    public void ShareName_ControlOrBrokenText_IsNotValid(string name) => Assert.IsFalse(ShareName.IsValid(name));

    [TestMethod]
    public void ShareName_LengthLimit_CountsBytes()
    {
        Assert.IsTrue(ShareName.IsValid(new string('a', 255)));
        Assert.IsFalse(ShareName.IsValid(new string('a', 256)));
        Assert.IsFalse(ShareName.IsValid(new string('ế', 86)));
        Assert.IsTrue(ShareName.IsValid(new string('ế', 85)));
        Assert.IsFalse(ShareName.TryParse([0xC3], out _));
        Assert.IsFalse(ShareName.IsValid(['a', '\uD800']));
    }

    [TestMethod]
    public void DefaultFor_AnySize_IsValidAndBounded()
    {
        Assert.AreEqual(16 * 1024, ChunkSize.DefaultFor(0));
        Assert.AreEqual(16 * 1024, ChunkSize.DefaultFor(32L << 20));
        Assert.AreEqual(32 * 1024, ChunkSize.DefaultFor((32L << 20) + 1));
        Assert.AreEqual(512 * 1024, ChunkSize.DefaultFor(1L << 30));
        Assert.AreEqual(1 << 20, ChunkSize.DefaultFor(long.MaxValue));
        for (int shift = 0; shift < 62; shift++) Assert.IsTrue(ChunkSize.IsValid(ChunkSize.DefaultFor(1L << shift)));
    }
}
