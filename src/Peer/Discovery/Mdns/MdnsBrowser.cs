using System.Buffers.Binary;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>
/// Looks for peers on one link: asks for the list ever more rarely (RFC 6762 §5.2), keeps what is answered as long as it may be kept, asks for
/// what is missing or about to expire. Owned by one loop; not thread-safe.
/// </summary>
internal sealed class MdnsBrowser
{
    internal const int MaxInstances = 256;
    private const int MaxDataBytes = 1024;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinFirstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstDelaySpread = TimeSpan.FromMilliseconds(100);

    private readonly PeerId _self;
    private readonly DnsName _ownHost;
    private readonly MdnsLink _link;
    private readonly Random _random;
    private readonly Dictionary<DnsName, MdnsInstance> _instances = [];
    private readonly Dictionary<DnsName, MdnsHost> _hosts = [];
    private readonly Queue<MdnsEvent> _events = [];
    private readonly Queue<DnsRecord> _knownAnswers = [];
    private MonotonicTime _queryAt;
    private TimeSpan _interval = FirstInterval;

    public MdnsBrowser(PeerId self, MdnsLink link, MonotonicTime now, Random random)
    {
        _self = self;
        _ownHost = MdnsService.HostOf(self);
        _link = link;
        _random = random;
        _queryAt = now + MinFirstDelay + (FirstDelaySpread * random.NextDouble());
    }

    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? deadline = _queryAt;
            foreach (MdnsInstance instance in _instances.Values)
            {
                deadline = Earliest(Earliest(Earliest(MonotonicTime.Earlier(deadline, instance.ResolveAt), instance.Pointer), instance.Service), instance.Text);
            }

            foreach (MdnsHost host in _hosts.Values)
            {
                foreach ((_, _, MdnsCached record) in host.Addresses) deadline = Earliest(deadline, record);
            }

            return deadline;
        }
    }

    public bool PollEvent(out MdnsEvent happened) => _events.TryDequeue(out happened);

    /// <summary>Takes a response: entries first, then the addresses of their hosts, in whichever order the message has them.</summary>
    public void HandleResponse(MonotonicTime now, ReadOnlySpan<byte> message, DnsReader reader)
    {
        DnsReader again = reader;
        while (reader.TryReadRecord(out DnsRecordView view))
        {
            if (view.Type == DnsType.Ptr && view.Name.Equals(MdnsService.Type)) HandlePointer(now, message, view);
            else if (view.Type is DnsType.Srv or DnsType.Txt && _instances.TryGetValue(view.Name, out MdnsInstance? instance)) HandleEntry(now, message, view, instance);
        }

        while (again.TryReadRecord(out DnsRecordView view))
        {
            if (view.Type is DnsType.A or DnsType.Aaaa && _hosts.TryGetValue(view.Name, out MdnsHost? host)) HandleAddress(now, message, view, host);
        }

        Reconcile(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        foreach (MdnsInstance instance in _instances.Values) instance.Expire(now);
        foreach (MdnsHost host in _hosts.Values)
        {
            if (host.Expire(now)) MarkChanged(host);
        }

        Reconcile(now);
    }

    /// <summary>Writes the query that is due; false when none is.</summary>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out MdnsTransmit transmit)
    {
        transmit = default;
        var writer = new DnsWriter(buffer, stackalloc ushort[32], DnsWriter.FlagsQuery);
        bool asks = false;
        if (_knownAnswers.Count == 0)
        {
            if (_queryAt <= now) asks = AskForList(now, ref writer);
            foreach (MdnsInstance instance in _instances.Values) asks |= AskFor(now, instance, ref writer);
            foreach (MdnsHost host in _hosts.Values) asks |= RefreshHost(now, host, ref writer);
            if (!asks) return false;
        }

        while (_knownAnswers.TryPeek(out DnsRecord? known) && writer.TryWrite(known, DnsSection.Answer, known.TtlSeconds, cacheFlush: false)) _knownAnswers.Dequeue();
        if (_knownAnswers.Count > 0) writer.MarkTruncated();
        transmit = new MdnsTransmit(null, writer.Length);
        return true;
    }

    private static MonotonicTime? Earliest(MonotonicTime? deadline, MdnsCached? record) =>
        record is null ? deadline : MonotonicTime.Earlier(MonotonicTime.Earlier(deadline, record.RefreshAt), record.ExpiresAt);

    private bool AskForList(MonotonicTime now, ref DnsWriter writer)
    {
        writer.TryWrite(new DnsQuestion(MdnsService.Type, DnsType.Ptr)); // not QU, for the reason given in MdnsResponder
        _queryAt = now + _interval;
        _interval = _interval * 2 > LongestInterval ? LongestInterval : _interval * 2;
        foreach (MdnsInstance instance in _instances.Values)
        {
            uint left = instance.Pointer?.KnownAnswerTtl(now) ?? 0;
            if (left > 0) _knownAnswers.Enqueue(new DnsRecord(MdnsService.Type, DnsType.Ptr, false, left, instance.Pointer!.Data));
        }

        return true;
    }

    private bool AskFor(MonotonicTime now, MdnsInstance instance, ref DnsWriter writer)
    {
        // We hear ourselves too, and need not ask ourselves.
        bool isSelf = instance.Host.Equals(_ownHost);
        bool asks = Refresh(now, instance.Pointer, new DnsQuestion(MdnsService.Type, DnsType.Ptr), isSelf, ref writer);
        asks |= Refresh(now, instance.Service, new DnsQuestion(instance.Name, DnsType.Srv), isSelf, ref writer);
        asks |= Refresh(now, instance.Text, new DnsQuestion(instance.Name, DnsType.Txt), isSelf, ref writer);
        if (!(instance.ResolveAt <= now)) return asks;

        instance.HandleResolved(now);
        if (isSelf) return asks;
        if (instance.Service is null) asks |= writer.TryWrite(new DnsQuestion(instance.Name, DnsType.Srv));
        if (instance.Text is null) asks |= writer.TryWrite(new DnsQuestion(instance.Name, DnsType.Txt));
        if (instance.Service is not null && AddressesOf(instance).Length == 0)
        {
            asks |= writer.TryWrite(new DnsQuestion(instance.Host, DnsType.A));
            asks |= writer.TryWrite(new DnsQuestion(instance.Host, DnsType.Aaaa));
        }

        return asks;
    }

    private bool RefreshHost(MonotonicTime now, MdnsHost host, ref DnsWriter writer)
    {
        bool asks = false;
        bool isSelf = host.Name.Equals(_ownHost);
        foreach ((DnsType type, _, MdnsCached record) in host.Addresses) asks |= Refresh(now, record, new DnsQuestion(host.Name, type), isSelf, ref writer);
        return asks;
    }

    private bool Refresh(MonotonicTime now, MdnsCached? record, in DnsQuestion question, bool isSelf, ref DnsWriter writer)
    {
        if (record is null || !(record.RefreshAt <= now)) return false;
        record.HandleRefreshed(_random);
        return !isSelf && writer.TryWrite(question);
    }

    private void HandlePointer(MonotonicTime now, ReadOnlySpan<byte> message, in DnsRecordView view)
    {
        int at = view.DataStart;
        if (!DnsName.TryRead(message[..(view.DataStart + view.DataLength)], ref at, out DnsName name) || !name.IsChildOf(MdnsService.Type)) return;
        if (!_instances.TryGetValue(name, out MdnsInstance? instance))
        {
            if (view.TtlSeconds == 0 || _instances.Count >= MaxInstances) return;
            _instances[name] = instance = new MdnsInstance(name, now);
        }

        if (instance.Pointer is not null) instance.Pointer.Renew(now, view.TtlSeconds, _random);
        else if (view.TtlSeconds > 0) (instance.Pointer, instance.IsChanged) = (new MdnsCached([.. name.Wire], now, view.TtlSeconds, _random), true);
    }

    private void HandleEntry(MonotonicTime now, ReadOnlySpan<byte> message, in DnsRecordView view, MdnsInstance instance)
    {
        Span<byte> data = stackalloc byte[MaxDataBytes];
        if (!DnsReader.TryExpandData(message, view, data, out int length)) return;
        data = data[..length];
        MdnsCached? cached = view.Type == DnsType.Srv ? instance.Service : instance.Text;
        if (cached is not null && data.SequenceEqual(cached.Data))
        {
            cached.Renew(now, view.TtlSeconds, _random);
            return;
        }

        // SRV and TXT are unique: a later one replaces the earlier.
        if (view.TtlSeconds == 0) return;
        var record = new MdnsCached(data.ToArray(), now, view.TtlSeconds, _random);
        if (view.Type == DnsType.Txt)
        {
            if (!MdnsService.TryReadText(data, out PeerId id, out int version)) return;
            (instance.Text, instance.Id, instance.Version, instance.IsChanged) = (record, id, version, true);
            return;
        }

        int at = 6;
        if (length <= at || !DnsName.TryRead(data, ref at, out DnsName host)) return;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        if (port == 0) return;
        (instance.Service, instance.Host, instance.Port, instance.IsChanged) = (record, host, port, true);
        if (!_hosts.ContainsKey(host) && _hosts.Count < MaxInstances) _hosts[host] = new MdnsHost(host);
    }

    private void HandleAddress(MonotonicTime now, ReadOnlySpan<byte> message, in DnsRecordView view, MdnsHost host)
    {
        if (view.DataLength != (view.Type == DnsType.A ? 4 : 16)) return;
        ReadOnlySpan<byte> data = message.Slice(view.DataStart, view.DataLength);
        TransportAddress address = view.Type == DnsType.A
            ? TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(data), 0)
            : AddressOf(BinaryPrimitives.ReadUInt128BigEndian(data));
        if (address.IsUnspecified || IsMulticast(address) || (address.IsLoopback && !_link.IsLoopback)) return;
        if (view.Type == DnsType.Aaaa && address.IsIPv4) return;
        if (host.Add(now, view, address, data.ToArray(), _random)) MarkChanged(host);
    }

    private TransportAddress AddressOf(UInt128 bits)
    {
        bool linkLocal = bits >> 118 == 0x3FA; // fe80::/10
        return TransportAddress.FromBits(bits, 0, linkLocal ? _link.InterfaceIndex : 0);
    }

    private static bool IsMulticast(TransportAddress address) => address.IsIPv4 ? address.ToIPv4Bits() >> 28 >= 0xE : address.AddressBits >> 120 == 0xFF;

    private TransportAddress[] AddressesOf(MdnsInstance instance) =>
        _hosts.TryGetValue(instance.Host, out MdnsHost? host) ? [.. host.Addresses.Select(entry => entry.Address.WithPort(instance.Port))] : [];

    // Tells what has changed since the embedder was told last, and drops what nobody can use any more.
    private void Reconcile(MonotonicTime now)
    {
        bool removed = false;
        foreach (MdnsInstance instance in _instances.Values)
        {
            if (!instance.IsChanged) continue;
            instance.IsChanged = false;
            LanPeer? present = Describe(instance);
            if (present is not null) instance.HandleComplete();
            else if (instance.Pointer is not null) instance.HandleIncomplete(now);

            if (instance.Published is { } before && (present is null || present.Id != before.Id)) _events.Enqueue(new MdnsEvent(before, IsLost: true));
            if (present is not null && present.Id != _self && !IsSame(present, instance.Published)) _events.Enqueue(new MdnsEvent(present, IsLost: false));
            instance.Published = present is not null && present.Id != _self ? present : null;
            removed |= instance.Pointer is null && _instances.Remove(instance.Name);
        }

        if (removed || _hosts.Count == MaxInstances) DropUnusedHosts();
    }

    private void DropUnusedHosts()
    {
        HashSet<DnsName> used = [.. _instances.Values.Where(instance => instance.Service is not null).Select(instance => instance.Host)];
        foreach (DnsName host in _hosts.Keys)
        {
            if (!used.Contains(host)) _hosts.Remove(host);
        }
    }

    private void MarkChanged(MdnsHost host)
    {
        foreach (MdnsInstance instance in _instances.Values)
        {
            if (instance.Service is not null && instance.Host.Equals(host.Name)) instance.IsChanged = true;
        }
    }

    private LanPeer? Describe(MdnsInstance instance)
    {
        if (instance.Pointer is null || instance.Service is null || instance.Text is null) return null;
        TransportAddress[] addresses = AddressesOf(instance);
        DnsName name = instance.Name;
        return addresses.Length == 0 ? null : new LanPeer(instance.Id, Encoding.UTF8.GetString(name.FirstLabel), addresses, instance.Version);
    }

    private static bool IsSame(LanPeer present, LanPeer? before) =>
        before is not null && present.Id == before.Id && present.Version == before.Version && present.InstanceName == before.InstanceName
        && present.Addresses.SequenceEqual(before.Addresses);
}
