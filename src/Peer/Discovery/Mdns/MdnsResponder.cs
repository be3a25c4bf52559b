using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>
/// Claims our instance name on one link, announces our records, answers questions about them, gives way to another host that has the name
/// already, says goodbye (RFC 6762 §6 to §10). Owned by one loop; not thread-safe.
/// </summary>
internal sealed class MdnsResponder
{
    private const int MaxReplies = 32;
    private const int MaxQuestions = 32;
    private const int MaxRivalRecords = 16;
    private const uint LegacyTtlSeconds = 10; // §6.7
    private const int MaxDataBytes = 1024;
    private static readonly TimeSpan MinMulticastGap = TimeSpan.FromSeconds(1); // §6
    private static readonly TimeSpan MinSharedDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SharedDelaySpread = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MinTruncatedDelay = TimeSpan.FromMilliseconds(400); // §7.2
    private static readonly TimeSpan TruncatedDelaySpread = TimeSpan.FromMilliseconds(100);

    private readonly PeerId _id;
    private readonly ushort _port;
    private readonly MdnsLink _link;
    private readonly Random _random;
    private readonly MdnsProber _prober;
    private readonly List<MdnsReply> _replies = [];
    private readonly Dictionary<MdnsRecords, MonotonicTime> _multicastAt = [];
    private readonly string _wishedLabel;
    private MdnsAdvertisement _ours;
    private int _labelNumber = 1;
    private bool _goodbyeDue;
    private bool _released;

    public MdnsResponder(PeerId id, ushort port, string label, MdnsLink link, MonotonicTime now, Random random)
    {
        _id = id;
        _port = port;
        _link = link;
        _random = random;
        _wishedLabel = Label = label;
        _ours = new MdnsAdvertisement(id, port, label, link);
        _prober = new MdnsProber(now, random);
    }

    /// <summary>The name under which we are listed; another than wished when that was taken.</summary>
    public string Label { get; private set; }

    /// <summary>Whether the name has been probed for and nobody objected.</summary>
    public bool IsEstablished => _prober.IsEstablished;

    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? deadline = _released ? null : _prober.DueAt;
            foreach (MdnsReply reply in _replies) deadline = MonotonicTime.Earlier(deadline, reply.DueAt);
            return deadline;
        }
    }

    /// <summary>Withdraws our records; the last message is then polled.</summary>
    public void Release()
    {
        _goodbyeDue = !_released && _prober.IsEstablished;
        _released = true;
        _replies.Clear();
    }

    /// <summary>Takes a query.</summary>
    public void HandleQuery(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> message, DnsReader reader)
    {
        if (_released) return;
        MdnsRecords multicast = MdnsRecords.None, unicast = MdnsRecords.None;
        DnsQuestion first = default;
        int questions = 0;
        while (reader.TryReadQuestion(out DnsQuestion question) && questions++ < MaxQuestions)
        {
            MdnsRecords match = _ours.Match(question);
            if (match == MdnsRecords.None) continue;
            if (multicast == MdnsRecords.None && unicast == MdnsRecords.None) first = question;
            if (question.WantsUnicast) unicast |= match;
            else multicast |= match;
        }

        MdnsRecords known = ReadKnownAnswers(message, ref reader, out List<(DnsType Type, byte[] Data)>? rival);
        bool isProbe = rival is not null;
        if (!_prober.IsEstablished)
        {
            if (isProbe && MdnsTieBreak.Compare(Proposed(), rival!) < 0) _prober.Defer(now);
            return;
        }

        if (questions == 0)
        {
            SuppressKnown(now, source, known, reader.IsTruncated);
            return;
        }

        if (source.Port != MdnsService.Port)
        {
            if ((multicast | unicast) != 0) Enqueue(new MdnsReply(source, multicast | unicast, now) { IsUnicast = true, Legacy = first with { WantsUnicast = false }, LegacyId = reader.Id });
            return;
        }

        Schedule(now, source, multicast & ~known, unicast & ~known, reader.IsTruncated, isProbe);
    }

    /// <summary>Takes a record of a response: somebody else's under our name means a conflict (§9).</summary>
    public void HandleRecord(MonotonicTime now, ReadOnlySpan<byte> message, in DnsRecordView record)
    {
        if (_released) return;
        if (record.TtlSeconds == 0)
        {
            Rescue(now, message, record);
            return;
        }

        if (record.Type is not (DnsType.Srv or DnsType.Txt) || !record.Name.Equals(_ours.Instance)) return;
        Span<byte> data = stackalloc byte[MaxDataBytes];
        bool same = DnsReader.TryExpandData(message, record, data, out int length) && IsOurs(record.Type, data[..length]);
        if (same) return;
        bool wasEstablished = _prober.IsEstablished;
        _prober.Conflict(now);
        _replies.Clear();
        if (!wasEstablished) TakeNextLabel(); // after establishment, probing again decides who keeps the name
    }

    /// <summary>Writes the message that is due; false when none is.</summary>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out MdnsTransmit transmit)
    {
        transmit = default;
        if (_goodbyeDue)
        {
            _goodbyeDue = false;
            transmit = new MdnsTransmit(null, WriteResponse(buffer, MdnsRecords.All & ~MdnsRecords.Enumeration, MdnsRecords.None, 0, null, 0));
            return true;
        }

        if (!_released && _prober.DueAt <= now)
        {
            bool probe = _prober.Next(now);
            transmit = new MdnsTransmit(null, probe ? WriteProbe(buffer) : WriteMulticast(now, buffer, MdnsRecords.All));
            return true;
        }

        return PollReply(now, buffer, out transmit);
    }

    // Another host that had our name has withdrawn its records, and with them ours from everybody's cache: a second is left to contradict (§10.1).
    private void Rescue(MonotonicTime now, ReadOnlySpan<byte> message, in DnsRecordView withdrawn)
    {
        if (!_prober.IsEstablished) return;
        Span<byte> data = stackalloc byte[MaxDataBytes];
        if (!DnsReader.TryExpandData(message, withdrawn, data, out int length)) return;
        MdnsRecords lost = MdnsRecords.None;
        foreach ((MdnsRecords kind, DnsRecord record) in _ours.Of(MdnsRecords.Pointer | MdnsRecords.Service | MdnsRecords.Text))
        {
            if (record.Type == withdrawn.Type && withdrawn.Name.Equals(record.Name) && SameData(record, data[..length])) lost |= kind;
        }

        if (lost != MdnsRecords.None) Enqueue(new MdnsReply(default, lost, now + MinSharedDelay + (SharedDelaySpread * _random.NextDouble())));
    }

    private bool PollReply(MonotonicTime now, Span<byte> buffer, out MdnsTransmit transmit)
    {
        transmit = default;
        MdnsReply? due = _replies.Find(reply => reply.DueAt <= now);
        if (due is null) return false;
        if (due.IsUnicast)
        {
            _replies.Remove(due);
            uint longest = due.Legacy is null ? uint.MaxValue : LegacyTtlSeconds;
            int written = WriteResponse(buffer, due.Records, MdnsAdvertisement.Additional(due.Records), longest, due.Legacy, due.LegacyId);
            transmit = new MdnsTransmit(due.Asker, written);
            return true;
        }

        MdnsRecords records = MdnsRecords.None;
        foreach (MdnsReply reply in _replies)
        {
            if (!reply.IsUnicast && reply.DueAt <= now) records |= reply.Records;
        }

        // Everybody hears this answer, so whoever waits for the same one has it too.
        foreach (MdnsReply reply in _replies)
        {
            if (!reply.IsUnicast) reply.Records &= ~records;
        }

        _replies.RemoveAll(reply => reply.Records == MdnsRecords.None);
        transmit = new MdnsTransmit(null, WriteMulticast(now, buffer, records));
        return true;
    }

    private void Schedule(MonotonicTime now, TransportAddress source, MdnsRecords multicast, MdnsRecords unicast, bool truncated, bool isProbe)
    {
        foreach ((MdnsRecords kind, DnsRecord record) in _ours.Of(unicast))
        {
            // A unicast answer teaches one host only, so now and then everybody gets it (§5.4).
            bool fresh = _multicastAt.TryGetValue(kind, out MonotonicTime at) && now.Since(at) < TimeSpan.FromSeconds(record.TtlSeconds / 4);
            if (fresh) continue;
            multicast |= kind;
            unicast &= ~kind;
        }

        foreach ((MdnsRecords kind, _) in _ours.Of(isProbe ? MdnsRecords.None : multicast))
        {
            if (_multicastAt.TryGetValue(kind, out MonotonicTime at) && now.Since(at) < MinMulticastGap) multicast &= ~kind;
        }

        MonotonicTime dueAt = now;
        if (truncated) dueAt = now + MinTruncatedDelay + (TruncatedDelaySpread * _random.NextDouble());
        else if (((multicast | unicast) & (MdnsRecords.Pointer | MdnsRecords.Enumeration)) != 0) dueAt = now + MinSharedDelay + (SharedDelaySpread * _random.NextDouble());
        if (multicast != 0) Enqueue(new MdnsReply(source, multicast, dueAt));
        if (unicast != 0) Enqueue(new MdnsReply(source, unicast, dueAt) { IsUnicast = true });
    }

    private void Enqueue(MdnsReply reply)
    {
        if (_replies.Count < MaxReplies) _replies.Add(reply);
    }

    // A message without questions continues the known answers of one that said so (§7.2).
    private void SuppressKnown(MonotonicTime now, TransportAddress source, MdnsRecords known, bool truncated)
    {
        foreach (MdnsReply reply in _replies)
        {
            if (reply.Asker != source) continue;
            reply.Records &= ~known;
            if (truncated) reply.DueAt = now + MinTruncatedDelay + (TruncatedDelaySpread * _random.NextDouble());
        }

        _replies.RemoveAll(reply => reply.Records == MdnsRecords.None);
    }

    // Which of our records the asker has already (§7.1), and the records of another host that probes for our name.
    private MdnsRecords ReadKnownAnswers(ReadOnlySpan<byte> message, ref DnsReader reader, out List<(DnsType Type, byte[] Data)>? rival)
    {
        rival = null;
        MdnsRecords known = MdnsRecords.None;
        Span<byte> data = stackalloc byte[MaxDataBytes];
        while (reader.TryReadRecord(out DnsRecordView view))
        {
            if (!DnsReader.TryExpandData(message, view, data, out int length)) continue;
            if (view.Section == DnsSection.Answer) known |= KnownFrom(view, data[..length]);
            if (view.Section != DnsSection.Authority || !view.Name.Equals(_ours.Instance)) continue;
            rival ??= [];
            if (rival.Count < MaxRivalRecords) rival.Add((view.Type, data[..length].ToArray()));
        }

        return known;
    }

    private MdnsRecords KnownFrom(in DnsRecordView view, ReadOnlySpan<byte> data)
    {
        foreach ((MdnsRecords kind, DnsRecord record) in _ours.Of(MdnsRecords.Pointer | MdnsRecords.Enumeration | MdnsRecords.Service | MdnsRecords.Text))
        {
            bool same = record.Type == view.Type && view.Name.Equals(record.Name) && SameData(record, data);
            if (same && view.TtlSeconds >= record.TtlSeconds / 2) return kind;
        }

        return MdnsRecords.None;
    }

    private bool IsOurs(DnsType type, ReadOnlySpan<byte> data)
    {
        foreach ((_, DnsRecord record) in _ours.Of(MdnsRecords.Service | MdnsRecords.Text))
        {
            if (record.Type == type && SameData(record, data)) return true;
        }

        return false;
    }

    private static bool SameData(DnsRecord record, ReadOnlySpan<byte> data) =>
        record.Type == DnsType.Txt ? data.SequenceEqual(record.Data) : DnsName.EqualsIgnoreCase(data, record.Data);

    private IEnumerable<(DnsType Type, byte[] Data)> Proposed() =>
        _ours.Of(MdnsRecords.Service | MdnsRecords.Text).Select(entry => (entry.Record.Type, entry.Record.Data));

    // "name", "name (2)", "name (3)" ..., cut at a character so that it fits (RFC 6763 §D).
    private void TakeNextLabel()
    {
        string suffix = $" ({++_labelNumber})";
        var stem = new StringBuilder();
        foreach (Rune rune in _wishedLabel.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(stem.ToString()) + rune.Utf8SequenceLength + suffix.Length > DnsName.MaxLabelBytes) break;
            stem.Append(rune);
        }

        Label = stem + suffix;
        _ours = new MdnsAdvertisement(_id, _port, Label, _link);
        _multicastAt.Clear();
    }

    private int WriteProbe(Span<byte> buffer)
    {
        var writer = new DnsWriter(buffer, stackalloc ushort[32], DnsWriter.FlagsQuery);

        // Not QU: beside another responder on this machine a unicast answer to port 5353 may reach that one instead (§15.1).
        writer.TryWrite(new DnsQuestion(_ours.Instance, DnsType.Any));
        writer.TryWrite(new DnsQuestion(_ours.Host, DnsType.Any));
        foreach ((_, DnsRecord record) in _ours.Of(MdnsRecords.Service | MdnsRecords.Text | MdnsRecords.Addresses))
        {
            writer.TryWrite(record, DnsSection.Authority, record.TtlSeconds, cacheFlush: false);
        }

        return writer.Length;
    }

    private int WriteMulticast(MonotonicTime now, Span<byte> buffer, MdnsRecords records)
    {
        MdnsRecords additional = MdnsAdvertisement.Additional(records);
        foreach ((MdnsRecords kind, _) in _ours.Of(records | additional)) _multicastAt[kind] = now;
        return WriteResponse(buffer, records, additional, uint.MaxValue, null, 0);
    }

    private int WriteResponse(Span<byte> buffer, MdnsRecords answers, MdnsRecords additional, uint longestTtl, DnsQuestion? legacy, ushort id)
    {
        var writer = new DnsWriter(buffer, stackalloc ushort[32], DnsWriter.FlagsResponse, id);
        if (legacy is { } question) writer.TryWrite(question);
        foreach ((_, DnsRecord record) in _ours.Of(answers)) writer.TryWrite(record, DnsSection.Answer, Math.Min(record.TtlSeconds, longestTtl), record.IsUnique && legacy is null);
        foreach ((_, DnsRecord record) in _ours.Of(additional)) writer.TryWrite(record, DnsSection.Additional, Math.Min(record.TtlSeconds, longestTtl), record.IsUnique && legacy is null);
        return writer.Length;
    }
}
