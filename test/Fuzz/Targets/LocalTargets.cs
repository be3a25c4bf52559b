using System.Text;
using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Fuzz;

/// <summary>What routers and the local network say.</summary>
internal static class LocalTargets
{
    public static IEnumerable<FuzzTarget> Create()
    {
        yield return new FuzzTarget("NAT-PMP", input => NatPmpCodec.TryReadResponse(input, out _), [Convert.FromHexString("0080000000000001CB007105"), Convert.FromHexString("00810000000000011AE11AE100001C20")]);
        yield return new FuzzTarget("PCP", input => PcpCodec.TryReadResponse(input, out _), [Convert.FromHexString("0281000000001C2000000001" + new string('0', 24) + new string('1', 24) + "110000001AE11AE100000000000000000000FFFFCB007105")]);
        yield return new FuzzTarget("SSDP", input => SsdpCodec.TryReadLocation(input, out _), [Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nLOCATION: http://192.168.1.1:5000/rootDesc.xml\r\n\r\n")]);
        yield return new FuzzTarget("UPnP XML", ReadXml, [Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><root><device><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/ctl</controlURL></service></serviceList></device></root>")], 1);
        yield return new FuzzTarget("mDNS", ReadDns, [Convert.FromHexString("000084000000000100000000" + "055F6378787804" + "5F756470056C6F63616C00" + "000C000100001194" + "0008056A6F736869C00C")], 20);
    }

    private static void ReadXml(ReadOnlySpan<byte> input)
    {
        UpnpXml.TryReadServices(input, out _, out _);
        UpnpXml.TryReadError(input, out _);
    }

    private static void ReadDns(ReadOnlySpan<byte> input)
    {
        if (!DnsReader.TryOpen(input, out DnsReader reader)) return;
        int records = 0;
        Span<byte> data = stackalloc byte[512];
        while (reader.TryReadQuestion(out _)) Check.That(++records < 100_000, "questions without end");
        while (reader.TryReadRecord(out DnsRecordView record))
        {
            Check.That(++records < 200_000, "records without end");
            DnsReader.TryExpandData(input, record, data, out _);
        }
    }
}
