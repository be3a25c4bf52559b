using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Mdns;

[TestClass]
public sealed class DnsMessageTests
{
    private static readonly PeerId Id = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    [TestMethod]
    public void Write_OwnAnnouncement_ReadsBackEveryRecord()
    {
        byte[] message = Announcement();
        DnsRecordView[] records = DnsMessages.Records(message);
        CollectionAssert.AreEqual(
            new[] { DnsType.Ptr, DnsType.Ptr, DnsType.Srv, DnsType.Txt, DnsType.A, DnsType.Aaaa, DnsType.Nsec, DnsType.Nsec },
            records.Select(record => record.Type).ToArray());
        foreach ((DnsRecordView read, DnsRecord written) in records.Zip(Advertisement().Of(MdnsRecords.All).Select(entry => entry.Record)))
        {
            byte[] data = new byte[1024];
            Assert.IsTrue(DnsReader.TryExpandData(message, read, data, out int length));
            CollectionAssert.AreEqual(written.Data, data[..length]);
            Assert.AreEqual(written.Name, read.Name);
            Assert.AreEqual(written.IsUnique, read.CacheFlush);
            Assert.AreEqual(written.TtlSeconds, read.TtlSeconds);
        }
    }

    [TestMethod]
    public void Write_RepeatedNames_AreCompressed()
    {
        DnsRecord record = Advertisement().Of(MdnsRecords.Text).Single().Record;
        int one = DnsMessages.Response(record).Length;
        int two = DnsMessages.Response(record, record).Length;
        Assert.AreEqual(2 + 10 + record.Data.Length, two - one, "the second owner name is a pointer");
    }

    [TestMethod]
    public void TryWrite_NoRoom_LeavesTheMessageAsItWas()
    {
        DnsRecord record = Advertisement().Of(MdnsRecords.Text).Single().Record;
        byte[] small = new byte[60];
        var writer = new DnsWriter(small, new ushort[32], DnsWriter.FlagsResponse);
        Assert.IsTrue(writer.TryWrite(new DnsQuestion(MdnsService.Type, DnsType.Ptr)));
        int before = writer.Length;
        Assert.IsFalse(writer.TryWrite(record, DnsSection.Answer, 1, cacheFlush: false));
        Assert.AreEqual(before, writer.Length);
        Assert.IsEmpty(DnsMessages.Records(small[..before]));
    }

    [TestMethod]
    [DataRow(0x7800, DisplayName = "another opcode")]
    [DataRow(0x8003, DisplayName = "an error code")]
    public void TryOpen_NotForUs_IsRefused(int flags) => Assert.IsFalse(DnsReader.TryOpen(DnsMessages.Write((ushort)flags, [], [], []), out _));

    [TestMethod]
    public void Nsec_OfAnInstance_ListsTxtAndSrv()
    {
        DnsRecord nsec = Advertisement().Of(MdnsRecords.NoOtherInstanceTypes).Single().Record;
        byte[] bitmap = nsec.Data[nsec.Name.Wire.Length..];
        CollectionAssert.AreEqual(new byte[] { 0, 5, 0, 0, 0x80, 0, 0x40 }, bitmap, "bits 16 and 33");
    }

    [TestMethod]
    public void Text_WrittenAndRead_IsTheSame()
    {
        Assert.IsTrue(MdnsService.TryReadText(MdnsService.WriteText(Id), out PeerId id, out int version));
        Assert.AreEqual(Id, id);
        Assert.AreEqual(1, version);
    }

    [TestMethod]
    [DataRow("v=1", DisplayName = "no id")]
    [DataRow("id=12", DisplayName = "a short id")]
    [DataRow("v=0", DisplayName = "version 0")]
    public void TryReadText_Incomplete_IsRefused(string entry)
    {
        byte[] data = [(byte)entry.Length, .. System.Text.Encoding.ASCII.GetBytes(entry)];
        Assert.IsFalse(MdnsService.TryReadText(data, out _, out _));
        Assert.IsFalse(MdnsService.TryReadText([200, 1, 2], out _, out _));
    }

    [TestMethod]
    public void Read_EveryTruncation_NeverThrowsNorInventsRecords()
    {
        byte[] whole = Announcement();
        for (int length = 0; length < whole.Length; length++) Assert.IsLessThan(8, ReadAll(whole.AsSpan(0, length)), $"{length} bytes");
        Assert.AreEqual(8, ReadAll(whole));
    }

    [TestMethod]
    public void Read_MutatedBytes_NeverThrows()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] whole = Announcement();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. whole];
            for (int change = random.Next(1, 8); change > 0; change--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            Assert.IsLessThanOrEqualTo(changed.Length / 11, ReadAll(changed.AsSpan(0, random.Next(changed.Length + 1))), $"seed {seed}, round {round}");
        }
    }

    private static int ReadAll(ReadOnlySpan<byte> message)
    {
        Span<byte> data = stackalloc byte[512];
        int records = 0;
        if (!DnsReader.TryOpen(message, out DnsReader reader)) return 0;
        while (reader.TryReadQuestion(out _)) records += 0;
        while (reader.TryReadRecord(out DnsRecordView record))
        {
            records++;
            if (DnsReader.TryExpandData(message, record, data, out int length) && record.Type == DnsType.Txt) MdnsService.TryReadText(data[..length], out _, out _);
        }

        return records;
    }

    private static MdnsAdvertisement Advertisement() => new(Id, 6881, "Kitchen", MdnsRig.LinkOf(1));

    private static byte[] Announcement() => DnsMessages.Response([.. Advertisement().Of(MdnsRecords.All).Select(entry => entry.Record)]);
}
