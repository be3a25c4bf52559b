using System.Buffers;

namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class PeerFrameHeaderTests
{
    [TestMethod]
    public void Write_SeedExample_GivesTheSeedsBytes()
    {
        // "want block 1" as run: 08 0805 10<ts> 05 0801 10c13e; the join's time stamp is 0x80f0a5ed05.
        var header = new PeerFrameHeader(PeerMessageType.CommonReply, 1_571_387_392, 0, 5);
        Span<byte> buffer = stackalloc byte[PeerFrameHeader.MaxHeaderBytes];
        int length = header.Write(buffer);
        Assert.AreEqual("08080510" + "80F0A5ED05" + "05", Convert.ToHexString(buffer[..length]));
    }

    [TestMethod]
    public void TryRead_SeedJoin_ReadsTypeTimeAndLength()
    {
        byte[] bytes = Convert.FromHexString("0808021080F0A5ED050E");
        Assert.AreEqual(OperationStatus.Done, PeerFrameHeader.TryRead(bytes, out PeerFrameHeader header, out int consumed));
        Assert.AreEqual(bytes.Length, consumed);
        Assert.AreEqual(PeerMessageType.ClientInfo, header.Type);
        Assert.AreEqual(14, header.MessageLength);
    }

    [TestMethod]
    public void TryRead_EveryTruncation_NeedsMoreData()
    {
        var header = new PeerFrameHeader(PeerMessageType.Want, ulong.MaxValue, uint.MaxValue, PeerFrameHeader.MaxMessageBytes);
        byte[] buffer = new byte[PeerFrameHeader.MaxHeaderBytes];
        int length = header.Write(buffer);
        for (int cut = 0; cut < length; cut++)
            Assert.AreEqual(OperationStatus.NeedMoreData, PeerFrameHeader.TryRead(buffer.AsSpan(0, cut), out _, out _), $"cut at {cut}");
        Assert.AreEqual(OperationStatus.Done, PeerFrameHeader.TryRead(buffer.AsSpan(0, length), out PeerFrameHeader read, out int consumed));
        Assert.AreEqual(header, read);
        Assert.AreEqual(length, consumed);
    }

    [TestMethod]
    [DataRow("4108", DisplayName = "type longer than its limit")]
    [DataRow("FFFFFFFFFFFFFFFFFFFF7F", DisplayName = "varint beyond 64 bits")]
    [DataRow("020801" + "818210", DisplayName = "message longer than its limit")]
    [DataRow("020800" + "00", DisplayName = "type 0")]
    [DataRow("0000", DisplayName = "no type")]
    [DataRow("020B01" + "00", DisplayName = "a group")]
    public void TryRead_NeverAFrame_IsInvalid(string hex) =>
        Assert.AreEqual(OperationStatus.InvalidData, PeerFrameHeader.TryRead(Convert.FromHexString(hex), out _, out _));

    [TestMethod]
    public void TryRead_UnknownTypeAndFields_ArePassedOver()
    {
        byte[] bytes = Convert.FromHexString("0908630A02414298010500");
        Assert.AreEqual(OperationStatus.Done, PeerFrameHeader.TryRead(bytes, out PeerFrameHeader header, out _));
        Assert.AreEqual((PeerMessageType)99, header.Type);
    }

    [TestMethod]
    public void FileData_EveryTruncation_NeedsMoreData()
    {
        var header = new FileDataHeader(long.MaxValue, PeerFrameHeader.MaxBlockBytes);
        byte[] buffer = new byte[FileDataHeader.MaxBytes];
        int length = header.Write(buffer);
        for (int cut = 0; cut < length; cut++)
            Assert.AreEqual(OperationStatus.NeedMoreData, FileDataHeader.TryRead(buffer.AsSpan(0, cut), header.MessageLength, out _, out _), $"cut at {cut}");
        Assert.AreEqual(OperationStatus.Done, FileDataHeader.TryRead(buffer.AsSpan(0, length), header.MessageLength, out FileDataHeader read, out int consumed));
        Assert.AreEqual(header, read);
        Assert.AreEqual(length, consumed);
        Assert.AreEqual(header.MessageLength, length + header.DataLength);
    }

    [TestMethod]
    public void FileData_LengthOtherThanTheFrames_IsInvalid()
    {
        var header = new FileDataHeader(4096, 1000);
        byte[] buffer = new byte[FileDataHeader.MaxBytes];
        int length = header.Write(buffer);
        foreach (int wrong in new[] { header.MessageLength - 1, header.MessageLength + 1, length, 0 })
            Assert.AreEqual(OperationStatus.InvalidData, FileDataHeader.TryRead(buffer, wrong, out _, out _), $"message of {wrong}");
    }
}
