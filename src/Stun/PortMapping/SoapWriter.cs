using System.Globalization;
using System.Security;
using System.Text;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>Writes the SOAP envelopes of the WAN connection services.</summary>
internal static class SoapWriter
{
    public static string ExternalAddress(string service) => Envelope(service, "GetExternalIPAddress", []);

    public static string DeleteMapping(string service, MappingTransport transport, ushort externalPort) => Envelope(
        service,
        "DeletePortMapping",
        [("NewRemoteHost", string.Empty), ("NewExternalPort", Number(externalPort)), ("NewProtocol", Name(transport))]);

    public static string AddMapping(string service, string action, MappingTransport transport, ushort externalPort, MappingPlan plan, string client, bool permanent) =>
        Envelope(
            service,
            action,
            [
                ("NewRemoteHost", string.Empty),
                ("NewExternalPort", Number(externalPort)),
                ("NewProtocol", Name(transport)),
                ("NewInternalPort", Number(plan.Port)),
                ("NewInternalClient", client),
                ("NewEnabled", "1"),
                ("NewPortMappingDescription", plan.Description),
                ("NewLeaseDuration", Number(permanent ? 0 : plan.LifetimeSeconds)),
            ]);

    private static string Envelope(string service, string action, ReadOnlySpan<(string Name, string Value)> arguments)
    {
        var xml = new StringBuilder();
        xml.Append("<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"");
        xml.Append(" s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>");
        xml.Append(CultureInfo.InvariantCulture, $"<u:{action} xmlns:u=\"{service}\">");
        foreach ((string name, string value) in arguments) xml.Append(CultureInfo.InvariantCulture, $"<{name}>{SecurityElement.Escape(value)}</{name}>");
        xml.Append(CultureInfo.InvariantCulture, $"</u:{action}></s:Body></s:Envelope>");
        return xml.ToString();
    }

    private static string Number(uint value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Name(MappingTransport transport) => transport == MappingTransport.Udp ? "UDP" : "TCP";
}
