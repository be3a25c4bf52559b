using System.Net;
using System.Text;

namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class TransportAddressTests
{
    [TestMethod]
    [DataRow("127.0.0.1:80", "127.0.0.1:80")]
    [DataRow("203.0.113.5", "203.0.113.5:6881")]
    [DataRow("[2001:db8::1]:443", "[2001:db8::1]:443")]
    [DataRow("[::1]", "[::1]:6881")]
    [DataRow("2001:db8::1", "[2001:db8::1]:6881")]
    [DataRow("::ffff:10.0.0.1", "10.0.0.1:6881")]
    public void TryParse_ValidText_FormatsCanonically(string text, string expected)
    {
        Assert.IsTrue(TransportAddress.TryParse(text, 6881, out TransportAddress address));
        Assert.AreEqual(expected, address.ToString());
        Assert.IsTrue(TransportAddress.TryParse(Encoding.UTF8.GetBytes(text), 6881, out TransportAddress fromBytes));
        Assert.AreEqual(address, fromBytes);
        Assert.AreEqual(address, new TransportAddress(address.ToIPEndPoint()));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("1")]
    [DataRow("1.2.3")]
    [DataRow("1.2.3.4.5")]
    [DataRow("1.2.3.256")]
    [DataRow("01.2.3.4")]
    [DataRow("0x7f.0.0.1")]
    [DataRow("1.2.3.4:")]
    [DataRow("1.2.3.4:0")]
    [DataRow("1.2.3.4:65536")]
    [DataRow("1.2.3.4:-1")]
    [DataRow("1.2.3.4:99999999999")]
    [DataRow("[1.2.3.4]:80")]
    [DataRow("[::1")]
    [DataRow("[::1]80")]
    [DataRow("[]:80")]
    [DataRow(":80")]
    [DataRow("host:80")]
    [DataRow("1.2.3.４:80")]
    public void TryParse_InvalidText_ReturnsFalse(string text)
    {
        Assert.IsFalse(TransportAddress.TryParse(text, 6881, out _));
        Assert.IsFalse(TransportAddress.TryParse(Encoding.UTF8.GetBytes(text), 6881, out _));
    }

    [TestMethod]
    public void TryFormat_EveryShorterBuffer_ReturnsFalse()
    {
        foreach (string text in new[] { "203.0.113.250:65535", "[2001:db8:1111:2222:3333:4444:5555:6666]:65535" })
        {
            Assert.IsTrue(TransportAddress.TryParse(text, 1, out TransportAddress address));
            for (int length = 0; length < text.Length; length++)
            {
                Assert.IsFalse(address.TryFormat(new byte[length], out _), $"length {length}");
                Assert.IsFalse(address.TryFormat(new char[length], out _), $"length {length}");
            }

            byte[] exact = new byte[text.Length];
            Assert.IsTrue(address.TryFormat(exact, out int written));
            Assert.AreEqual(text, Encoding.ASCII.GetString(exact, 0, written));
        }
    }

    [TestMethod]
    public void Equality_MappedAndPlainIPv4_AreOne()
    {
        var plain = new TransportAddress(IPAddress.Parse("10.1.2.3"), 5);
        var mapped = new TransportAddress(IPAddress.Parse("10.1.2.3").MapToIPv6(), 5);
        Assert.AreEqual(plain, mapped);
        Assert.IsTrue(mapped.IsIPv4);
        Assert.AreEqual(0x0A010203u, mapped.ToIPv4Bits());
        Assert.AreEqual(plain, TransportAddress.FromIPv4(0x0A010203, 5));
        Assert.AreNotEqual(plain, plain.WithPort(6));
    }

    [TestMethod]
    public void TryParse_RandomBytes_NeverThrows()
    {
        const int seed = 20261121;
        var random = new Random(seed);
        byte[] alphabet = "0123456789.:[]abcdef%x "u8.ToArray();
        byte[] text = new byte[40];
        for (int round = 0; round < 20_000; round++)
        {
            int length = random.Next(text.Length);
            for (int i = 0; i < length; i++) text[i] = alphabet[random.Next(alphabet.Length)];
            if (TransportAddress.TryParse(text.AsSpan(0, length), 6881, out TransportAddress address))
            {
                Assert.IsTrue(TransportAddress.TryParse(address.ToString(), 1, out TransportAddress again), $"seed {seed}, round {round}");
                Assert.AreEqual(address.WithPort(1), again.WithPort(1), $"seed {seed}, round {round}");
            }
        }
    }
}
