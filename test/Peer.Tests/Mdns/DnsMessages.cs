using CS3103P2P.Peer.Discovery.Mdns;

namespace CS3103P2P.Peer.Tests.Mdns;

/// <summary>Short ways to write and read messages in tests.</summary>
internal static class DnsMessages
{
    public static byte[] Query(DnsQuestion question, params DnsRecord[] knownAnswers) => Write(DnsWriter.FlagsQuery, [question], knownAnswers, []);

    public static byte[] Response(params DnsRecord[] answers) => Write(DnsWriter.FlagsResponse, [], answers, []);

    public static byte[] Write(ushort flags, DnsQuestion[] questions, DnsRecord[] answers, DnsRecord[] authorities, ushort id = 0)
    {
        byte[] buffer = new byte[9000];
        var writer = new DnsWriter(buffer, new ushort[32], flags, id);
        foreach (DnsQuestion question in questions) Assert.IsTrue(writer.TryWrite(question));
        foreach (DnsRecord record in answers) Assert.IsTrue(writer.TryWrite(record, DnsSection.Answer, record.TtlSeconds, record.IsUnique));
        foreach (DnsRecord record in authorities) Assert.IsTrue(writer.TryWrite(record, DnsSection.Authority, record.TtlSeconds, cacheFlush: false));
        return buffer[..writer.Length];
    }

    public static DnsQuestion[] Questions(byte[] message)
    {
        Assert.IsTrue(DnsReader.TryOpen(message, out DnsReader reader));
        var questions = new List<DnsQuestion>();
        while (reader.TryReadQuestion(out DnsQuestion question)) questions.Add(question);
        return [.. questions];
    }

    public static DnsRecordView[] Records(byte[] message)
    {
        Assert.IsTrue(DnsReader.TryOpen(message, out DnsReader reader));
        while (reader.QuestionsLeft > 0) Assert.IsTrue(reader.TryReadQuestion(out _));
        var records = new List<DnsRecordView>();
        while (reader.TryReadRecord(out DnsRecordView record)) records.Add(record);
        return [.. records];
    }

    public static bool IsResponse(byte[] message) => (message[2] & 0x80) != 0;

    public static bool IsTruncated(byte[] message) => (message[2] & 0x02) != 0;
}
