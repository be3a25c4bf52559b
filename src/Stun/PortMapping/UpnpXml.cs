using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Xml;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>Reads device descriptions and SOAP answers. Namespaces are ignored: routers get them wrong.</summary>
internal static class UpnpXml
{
    public const int MaxDocumentBytes = 64 * 1024;
    private const int MaxLeaves = 2048;
    private const int MaxServices = 4;

    // No document type, so no entities, no external files, no billion laughs.
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxDocumentBytes,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    // Best first. PPP is what DSL routers have.
    private static readonly string[] ServiceTypes =
    [
        "urn:schemas-upnp-org:service:WANIPConnection:2",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
        "urn:schemas-upnp-org:service:WANPPPConnection:1",
    ];

    /// <summary>Finds the services that map ports, best first, with their control addresses as written.</summary>
    public static bool TryReadServices(ReadOnlySpan<byte> document, out string? urlBase, out IReadOnlyList<UpnpService> services)
    {
        urlBase = null;
        List<UpnpService> found = [];
        services = found;
        if (!TryReadLeaves(document, out List<(string Name, string Text)> leaves)) return false;
        string? type = null, control = null;
        foreach ((string name, string text) in leaves)
        {
            switch (name)
            {
                case "URLBase":
                    urlBase ??= text;
                    break;
                case "serviceType":
                    type = text;
                    break;
                case "controlURL":
                    control = text;
                    break;
                case "/service":
                    if (type is not null && control is not null && ServiceTypes.Contains(type) && found.Count < MaxServices) found.Add(new UpnpService(type, control));
                    type = control = null;
                    break;
            }
        }

        services = [.. found.OrderBy(service => Array.IndexOf(ServiceTypes, service.Type))];
        return true;
    }

    /// <summary>Reads one value out of a SOAP answer.</summary>
    public static bool TryReadValue(ReadOnlySpan<byte> document, string element, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (!TryReadLeaves(document, out List<(string Name, string Text)> leaves)) return false;
        foreach ((string name, string text) in leaves)
        {
            if (name == element) value ??= text;
        }

        return value is not null;
    }

    /// <summary>Reads the UPnP error code out of a SOAP fault (UPnP Device Architecture 1.1 §3.1.3).</summary>
    public static bool TryReadError(ReadOnlySpan<byte> document, out int code)
    {
        code = 0;
        return TryReadValue(document, "errorCode", out string? text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out code);
    }

    // Elements without children in document order, and "/name" where one with children ends.
    private static bool TryReadLeaves(ReadOnlySpan<byte> document, out List<(string Name, string Text)> leaves)
    {
        leaves = [];
        if (document.Length > MaxDocumentBytes) return false;
        try
        {
            using var stream = new MemoryStream(document.ToArray(), writable: false);
            using XmlReader reader = XmlReader.Create(stream, Settings);
            string? open = null;
            string text = string.Empty;
            while (reader.Read() && leaves.Count < MaxLeaves)
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        open = reader.IsEmptyElement ? null : reader.LocalName;
                        text = string.Empty;
                        if (reader.IsEmptyElement) leaves.Add((reader.LocalName, string.Empty));
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA:
                        text += reader.Value;
                        break;
                    case XmlNodeType.EndElement:
                        leaves.Add(open is null ? ("/" + reader.LocalName, string.Empty) : (open, text.Trim()));
                        open = null;
                        text = string.Empty;
                        break;
                }
            }

            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }
}
