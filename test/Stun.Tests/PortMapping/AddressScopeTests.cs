using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.PortMapping;

[TestClass]
public sealed class AddressScopeTests
{
    [TestMethod]
    [DataRow("8.8.8.8", true)]
    [DataRow("100.63.255.255", true)]
    [DataRow("100.64.0.0", false)]
    [DataRow("100.127.255.255", false)]
    [DataRow("100.128.0.0", true)]
    [DataRow("172.15.255.255", true)]
    [DataRow("172.16.0.1", false)]
    [DataRow("172.31.255.255", false)]
    [DataRow("172.32.0.0", true)]
    [DataRow("10.1.2.3", false)]
    [DataRow("192.168.1.1", false)]
    [DataRow("169.254.1.1", false)]
    [DataRow("192.0.0.8", false)]
    [DataRow("224.0.0.1", false)]
    [DataRow("0.0.0.0", false)]
    public void IsPublic_Address_IsJudgedByItsRange(string text, bool expected)
    {
        Assert.IsTrue(TransportAddress.TryParse(text, 1, out TransportAddress address));
        Assert.AreEqual(expected, AddressScope.IsPublic(address));
    }
}
