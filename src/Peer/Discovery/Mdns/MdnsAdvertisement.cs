using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>All records of ours on one link, under one instance name.</summary>
internal sealed class MdnsAdvertisement
{
    private readonly Dictionary<MdnsRecords, DnsRecord[]> _records;
    private readonly bool _hasIPv4;
    private readonly bool _hasIPv6;

    /// <exception cref="ArgumentException">The label is empty or longer than 63 bytes.</exception>
    public MdnsAdvertisement(PeerId id, ushort port, string label, MdnsLink link)
    {
        if (!MdnsService.Type.TryPrepend(label, out DnsName instance)) throw new ArgumentException("An instance name has 1 to 63 bytes.", nameof(label));
        Instance = instance;
        Host = MdnsService.HostOf(id);
        TransportAddress[] addresses = [.. link.Addresses];
        _hasIPv4 = addresses.Any(address => address.IsIPv4);
        _hasIPv6 = addresses.Any(address => !address.IsIPv4);
        _records = new()
        {
            [MdnsRecords.Pointer] = [Shared(MdnsService.Type, Instance)],
            [MdnsRecords.Enumeration] = [Shared(MdnsService.Enumeration, MdnsService.Type)],
            [MdnsRecords.Service] = [new(Instance, DnsType.Srv, true, MdnsService.HostTtlSeconds, ServiceData(port, Host))],
            [MdnsRecords.Text] = [new(Instance, DnsType.Txt, true, MdnsService.OtherTtlSeconds, MdnsService.WriteText(id))],
            [MdnsRecords.Addresses] = [.. addresses.Select(AddressRecord)],
            [MdnsRecords.NoOtherInstanceTypes] = [NoOthers(Instance, MdnsService.OtherTtlSeconds, DnsType.Txt, DnsType.Srv)],
            [MdnsRecords.NoOtherHostTypes] = [NoOthers(Host, MdnsService.HostTtlSeconds, [.. HostTypes()])],
        };
    }

    public DnsName Instance { get; }

    public DnsName Host { get; }

    /// <summary>The records that a set names.</summary>
    public IEnumerable<(MdnsRecords Kind, DnsRecord Record)> Of(MdnsRecords set)
    {
        foreach ((MdnsRecords kind, DnsRecord[] records) in _records)
        {
            if ((set & kind) == 0) continue;
            foreach (DnsRecord record in records) yield return (kind, record);
        }
    }

    /// <summary>What answers a question; none when it is not about us.</summary>
    public MdnsRecords Match(in DnsQuestion question)
    {
        bool any = question.Type == DnsType.Any;
        if (question.Name.Equals(MdnsService.Type)) return any || question.Type == DnsType.Ptr ? MdnsRecords.Pointer : MdnsRecords.None;
        if (question.Name.Equals(MdnsService.Enumeration)) return any || question.Type == DnsType.Ptr ? MdnsRecords.Enumeration : MdnsRecords.None;
        if (question.Name.Equals(Instance))
        {
            return question.Type switch
            {
                DnsType.Any => MdnsRecords.Service | MdnsRecords.Text,
                DnsType.Srv => MdnsRecords.Service,
                DnsType.Txt => MdnsRecords.Text,
                _ => MdnsRecords.NoOtherInstanceTypes,
            };
        }

        if (!question.Name.Equals(Host)) return MdnsRecords.None;
        bool has = any || (question.Type == DnsType.A && _hasIPv4) || (question.Type == DnsType.Aaaa && _hasIPv6);
        return has ? MdnsRecords.Addresses : MdnsRecords.NoOtherHostTypes;
    }

    /// <summary>What belongs with an answer so that no second question is needed (RFC 6763 §12).</summary>
    public static MdnsRecords Additional(MdnsRecords answers)
    {
        MdnsRecords more = MdnsRecords.None;
        if ((answers & MdnsRecords.Pointer) != 0) more |= MdnsRecords.Service | MdnsRecords.Text;
        if (((answers | more) & MdnsRecords.Service) != 0) more |= MdnsRecords.Addresses | MdnsRecords.NoOtherHostTypes;
        return more & ~answers;
    }

    private static DnsRecord Shared(DnsName name, DnsName target) => new(name, DnsType.Ptr, false, MdnsService.OtherTtlSeconds, [.. target.Wire]);

    private static byte[] ServiceData(ushort port, DnsName host)
    {
        byte[] data = new byte[6 + host.Wire.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), port);
        host.Wire.CopyTo(data.AsSpan(6));
        return data;
    }

    private DnsRecord AddressRecord(TransportAddress address) =>
        new(Host, address.IsIPv4 ? DnsType.A : DnsType.Aaaa, true, MdnsService.HostTtlSeconds, address.ToIPAddress().GetAddressBytes());

    private IEnumerable<DnsType> HostTypes()
    {
        if (_hasIPv4) yield return DnsType.A;
        if (_hasIPv6) yield return DnsType.Aaaa;
    }

    // RFC 6762 §6.1: the name itself, then one block of the bitmap of RFC 4034 §4.1.2.
    private static DnsRecord NoOthers(DnsName name, uint ttlSeconds, params DnsType[] types)
    {
        int bytes = types.Length == 0 ? 0 : ((int)types.Max() / 8) + 1;
        byte[] data = new byte[name.Wire.Length + (bytes == 0 ? 0 : 2 + bytes)];
        name.Wire.CopyTo(data);
        if (bytes > 0) data[name.Wire.Length + 1] = (byte)bytes;
        foreach (DnsType type in types) data[name.Wire.Length + 2 + ((int)type / 8)] |= (byte)(0x80 >> ((int)type % 8));
        return new DnsRecord(name, DnsType.Nsec, true, ttlSeconds, data);
    }
}
