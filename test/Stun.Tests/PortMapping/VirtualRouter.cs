using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.PortMapping;

/// <summary>A router on virtual time that speaks what a test lets it speak.</summary>
internal sealed class VirtualRouter
{
    public static readonly TransportAddress Control = TransportAddress.FromIPv4(0xC0A80101, 5351);
    private static readonly TransportAddress Ssdp = Control.WithPort(1900);

    public bool SpeaksPcp { get; set; }
    public bool SpeaksNatPmp { get; set; }
    public bool SpeaksUpnp { get; set; }
    public bool IsSilent { get; set; }
    public PcpResultCode PcpMapResult { get; set; }
    public ushort NatPmpMapResult { get; set; }
    public uint ExternalAddress { get; set; } = PcpServerMessages.ExternalAddress;
    public uint GrantedLifetime { get; set; } = 7200;
    public string Location { get; set; } = "http://192.168.1.1:5000/rootDesc.xml";
    public string ControlUrl { get; set; } = "/ctl/IPConn";
    public string ServiceType { get; set; } = "urn:schemas-upnp-org:service:WANIPConnection:1";
    public Queue<int> UpnpErrors { get; } = [];
    public HashSet<ushort> TakenPorts { get; } = [];
    public MonotonicTime BootedAt { get; set; }

    /// <summary>Outer port by transport and protocol, as the router holds them.</summary>
    public Dictionary<MappingTransport, ushort> Mappings { get; } = [];

    /// <summary>Everything asked, with the second of asking: "pcp announce", "pcp map Udp 6881", "upnp AddPortMapping ...".</summary>
    public List<(double Seconds, string What)> Log { get; } = [];

    public void Reboot(MonotonicTime now)
    {
        BootedAt = now;
        Mappings.Clear();
    }

    public IEnumerable<(TransportAddress Source, byte[] Bytes)> HandleDatagram(MonotonicTime now, TransportAddress destination, byte[] datagram)
    {
        if (destination.Port == 1900) return HandleSearch(now, datagram);
        if (datagram[0] == 2) return HandlePcp(now, datagram).Select(answer => (Control, answer));
        return HandleNatPmp(now, datagram).Select(answer => (Control, answer));
    }

    public (int Status, byte[] Body) HandleHttp(MonotonicTime now, UpnpRequest request)
    {
        string action = request.SoapAction is { } header ? header.Trim('"').Split('#')[1] : "GET " + request.Url.AbsolutePath;
        string port = Argument(request.Body, "NewExternalPort");
        Note(now, $"upnp {action} {port} {Argument(request.Body, "NewLeaseDuration")}".TrimEnd());
        if (IsSilent || !SpeaksUpnp) return (0, []);
        if (request.Body is null) return (200, Encoding.UTF8.GetBytes(Description()));
        if (action.StartsWith("Add", StringComparison.Ordinal) && UpnpErrors.TryDequeue(out int error)) return Fault(error);
        MappingTransport transport = Argument(request.Body, "NewProtocol") == "UDP" ? MappingTransport.Udp : MappingTransport.Tcp;
        switch (action)
        {
            case "GetExternalIPAddress":
                return Ok($"<NewExternalIPAddress>{TransportAddress.FromIPv4(ExternalAddress, 0).ToIPAddress()}</NewExternalIPAddress>");
            case "DeletePortMapping":
                Mappings.Remove(transport);
                return Ok(string.Empty);
            default:
                ushort number = ushort.Parse(port, CultureInfo.InvariantCulture);
                if (action == "AddPortMapping" && TakenPorts.Contains(number)) return Fault(718);
                while (TakenPorts.Contains(number)) number++;
                Mappings[transport] = number;
                return Ok(action == "AddAnyPortMapping" ? $"<NewReservedPort>{number}</NewReservedPort>" : string.Empty);
        }
    }

    private static (int, byte[]) Ok(string content) => (200, Encoding.UTF8.GetBytes($"<s:Envelope xmlns:s=\"x\"><s:Body><u:R xmlns:u=\"y\">{content}</u:R></s:Body></s:Envelope>"));

    private static (int, byte[]) Fault(int code) => (500, Encoding.UTF8.GetBytes($"<s:Envelope xmlns:s=\"x\"><s:Body><s:Fault><detail><UPnPError><errorCode>{code}</errorCode></UPnPError></detail></s:Fault></s:Body></s:Envelope>"));

    private static string Argument(string? body, string name)
    {
        string tag = $"<{name}>";
        if (body is null || !body.Contains(tag, StringComparison.Ordinal)) return string.Empty;
        return body.Split(tag)[1].Split('<')[0];
    }

    private string Description() => $"""
        <?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><serviceList>
        <service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/ctl/L3F</controlURL></service>
        <service><serviceType>{ServiceType}</serviceType><controlURL>{ControlUrl}</controlURL></service>
        </serviceList></device></root>
        """;

    private void Note(MonotonicTime now, string what) => Log.Add((now.Micros / 1e6, what));

    private uint Epoch(MonotonicTime now) => (uint)now.Since(BootedAt).TotalSeconds;

    private IEnumerable<(TransportAddress, byte[])> HandleSearch(MonotonicTime now, byte[] datagram)
    {
        Note(now, "ssdp");
        Assert.StartsWith("M-SEARCH * HTTP/1.1\r\n", Encoding.ASCII.GetString(datagram));
        if (SpeaksUpnp && !IsSilent) yield return (Ssdp, Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nST: x\r\nLocation: {Location}\r\n\r\n"));
    }

    private IEnumerable<byte[]> HandlePcp(MonotonicTime now, byte[] datagram)
    {
        bool map = datagram[1] == 1;
        var transport = map ? (MappingTransport)datagram[36] : 0;
        ushort wished = map ? BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(42)) : (ushort)0;
        uint lifetime = BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(4));
        Note(now, map ? $"pcp {(lifetime == 0 ? "delete" : "map")} {transport} {wished}" : "pcp announce");
        if (IsSilent) yield break;
        if (!SpeaksPcp)
        {
            if (SpeaksNatPmp) yield return [0, (byte)(datagram[1] | 0x80), 0, 1, 0, 0, 0, 0];
            yield break;
        }

        if (!map)
        {
            yield return PcpServerMessages.Announce(Epoch(now));
            yield break;
        }

        ushort external = Grant(transport, wished, lifetime, PcpMapResult == PcpResultCode.Success);
        ushort internalPort = BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(40));
        uint granted = PcpMapResult != PcpResultCode.Success ? 1800 : Math.Min(lifetime, GrantedLifetime);
        yield return PcpServerMessages.Map(new PcpNonce(datagram.AsSpan(24, 12)), transport, internalPort, external, granted, Epoch(now), PcpMapResult, ExternalAddress);
    }

    private IEnumerable<byte[]> HandleNatPmp(MonotonicTime now, byte[] datagram)
    {
        bool map = datagram[1] != 0;
        MappingTransport transport = datagram[1] == 1 ? MappingTransport.Udp : MappingTransport.Tcp;
        uint lifetime = map ? BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(8)) : 0;
        ushort wished = map ? BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(6)) : (ushort)0;
        Note(now, map ? $"pmp {(lifetime == 0 ? "delete" : "map")} {transport} {wished}" : "pmp address");
        if (IsSilent || !SpeaksNatPmp) yield break;
        byte[] answer = new byte[map ? 16 : 12];
        answer[1] = (byte)(datagram[1] | 0x80);
        answer[3] = map ? (byte)NatPmpMapResult : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(4), Epoch(now));
        if (!map)
        {
            BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(8), ExternalAddress);
            yield return answer;
            yield break;
        }

        ushort external = Grant(transport, wished, lifetime, NatPmpMapResult == 0);
        datagram.AsSpan(4, 2).CopyTo(answer.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(10), external);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(12), Math.Min(lifetime, GrantedLifetime));
        yield return answer;
    }

    private ushort Grant(MappingTransport transport, ushort wished, uint lifetime, bool allowed)
    {
        while (TakenPorts.Contains(wished)) wished++;
        if (lifetime == 0) Mappings.Remove(transport);
        else if (allowed) Mappings[transport] = wished;
        return wished;
    }
}
