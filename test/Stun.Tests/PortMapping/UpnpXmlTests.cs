using System.Text;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.PortMapping;

[TestClass]
public sealed class UpnpXmlTests
{
    private const string Description = """
        <?xml version="1.0"?>
        <root xmlns="urn:schemas-upnp-org:device-1-0"><URLBase>http://192.168.1.1:80/</URLBase><device><deviceList><device><serviceList>
        <service><controlURL>/ppp</controlURL><serviceType>urn:schemas-upnp-org:service:WANPPPConnection:1</serviceType></service>
        <service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL> /ip </controlURL><eventSubURL/></service>
        </serviceList></device></deviceList></device></root>
        """;

    [TestMethod]
    public void TryReadServices_DescriptionOfADslRouter_ListsBestFirst()
    {
        Assert.IsTrue(UpnpXml.TryReadServices(Utf8(Description), out string? urlBase, out IReadOnlyList<UpnpService> services));
        Assert.AreEqual("http://192.168.1.1:80/", urlBase);
        CollectionAssert.AreEqual(new[] { "/ip", "/ppp" }, services.Select(service => service.ControlUrl).ToArray());
    }

    [TestMethod]
    [DataRow("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a><NewExternalIPAddress>&x;</NewExternalIPAddress></a>", DisplayName = "an entity")]
    [DataRow("<!DOCTYPE a><a><NewExternalIPAddress>1.2.3.4</NewExternalIPAddress></a>", DisplayName = "a document type")]
    [DataRow("<a><NewExternalIPAddress>1.2.3.4</b></a>", DisplayName = "broken")]
    [DataRow("", DisplayName = "nothing")]
    public void TryReadValue_ForbiddenOrBrokenXml_IsRefused(string xml) => Assert.IsFalse(UpnpXml.TryReadValue(Utf8(xml), "NewExternalIPAddress", out _));

    [TestMethod]
    public void TryReadValue_DocumentOverTheLimit_IsRefused()
    {
        string padding = new('x', UpnpXml.MaxDocumentBytes);
        Assert.IsFalse(UpnpXml.TryReadValue(Utf8($"<a><b>{padding}</b><c>1</c></a>"), "c", out _));
    }

    [TestMethod]
    public void TryReadError_Fault_IsTheCode()
    {
        const string Fault = "<s:Envelope xmlns:s=\"x\"><s:Body><s:Fault><faultstring>UPnPError</faultstring><detail><UPnPError><errorCode>718</errorCode></UPnPError></detail></s:Fault></s:Body></s:Envelope>";
        Assert.IsTrue(UpnpXml.TryReadError(Utf8(Fault), out int code));
        Assert.AreEqual(718, code);
    }

    [TestMethod]
    public void TryReadServices_EveryTruncationAndMutation_NeverThrows()
    {
        byte[] whole = Utf8(Description);
        for (int length = 0; length < whole.Length - 1; length++) Assert.IsFalse(UpnpXml.TryReadServices(whole.AsSpan(0, length), out _, out _), $"{length} bytes");
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            byte[] changed = [.. whole];
            for (int change = random.Next(1, 6); change > 0; change--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            UpnpXml.TryReadServices(changed, out _, out IReadOnlyList<UpnpService> services);
            Assert.IsLessThanOrEqualTo(4, services.Count, $"seed {seed}, round {round}");
        }
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
