using System.Text;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.PortMapping;

[TestClass]
public sealed class SsdpCodecTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nlocation:  http://192.168.1.1:5000/rootDesc.xml \r\nUSN: x\r\n\r\n";

    [TestMethod]
    public void WriteSearch_IsTheMessageOfTheDeviceArchitecture()
    {
        byte[] buffer = new byte[1500];
        int length = SsdpCodec.WriteSearch(buffer, SsdpCodec.SearchTarget(1));
        const string Expected = "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\n" +
            "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n";
        Assert.AreEqual(Expected, Encoding.ASCII.GetString(buffer, 0, length));
    }

    [TestMethod]
    public void TryReadLocation_Answer_IsItsLocation()
    {
        Assert.IsTrue(SsdpCodec.TryReadLocation(Encoding.ASCII.GetBytes(Answer), out ReadOnlySpan<byte> location));
        Assert.AreEqual("http://192.168.1.1:5000/rootDesc.xml", Encoding.ASCII.GetString(location));
    }

    [TestMethod]
    [DataRow("HTTP/1.1 404 Not Found\r\nLOCATION: http://192.168.1.1/\r\n\r\n")]
    [DataRow("NOTIFY * HTTP/1.1\r\nLOCATION: http://192.168.1.1/\r\n\r\n")]
    [DataRow("HTTP/1.1 200 OK\r\nST: x\r\n\r\nLOCATION: http://192.168.1.1/\r\n")]
    [DataRow("HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1/\tx\r\n\r\n")]
    [DataRow("HTTP/1.1 200 OK\r\nLOCATION:\r\n\r\n")]
    public void TryReadLocation_SomethingElse_IsRefused(string message) => Assert.IsFalse(SsdpCodec.TryReadLocation(Encoding.ASCII.GetBytes(message), out _));

    [TestMethod]
    public void TryReadLocation_TruncationsAndMutations_NeverThrow()
    {
        byte[] whole = Encoding.ASCII.GetBytes(Answer);
        int untilLocation = Answer.IndexOf("http", StringComparison.Ordinal);
        for (int length = 0; length < untilLocation; length++) Assert.IsFalse(SsdpCodec.TryReadLocation(whole.AsSpan(0, length), out _), $"{length} bytes");
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. whole];
            for (int change = random.Next(1, 6); change > 0; change--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            bool read = SsdpCodec.TryReadLocation(changed.AsSpan(0, random.Next(changed.Length + 1)), out ReadOnlySpan<byte> location);
            Assert.IsTrue(!read || location.Length > 0, $"seed {seed}, round {round}");
        }
    }
}
