using System.Text;
using CS3103P2P.Peer.Connectivity;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class PlainRequestTests
{
    [TestMethod]
    [DataRow("DOWNLOAD f 1", "f", 0)]
    [DataRow("DOWNLOAD a b 12\0", "a b", 11)]
    [DataRow("DOWNLOAD ảnh 🎈.jpg 2147483647\r\n", "ảnh 🎈.jpg", int.MaxValue - 1)]
    public void TryParse_GoodRequest_GivesNameAndChunk(string text, string name, int chunk)
    {
        Assert.IsTrue(PlainRequest.TryParse(Encoding.UTF8.GetBytes(text), out PlainRequest request));
        Assert.AreEqual(new PlainRequest(name, chunk), request);
        Assert.IsTrue(PlainRequest.TryParse(request.ToBytes(), out PlainRequest again));
        Assert.AreEqual(request, again);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("DOWNLOAD")]
    [DataRow("DOWNLOAD f")]
    [DataRow("DOWNLOAD f 0")]
    [DataRow("DOWNLOAD f -1")]
    [DataRow("DOWNLOAD f 2147483648")]
    [DataRow("DOWNLOAD  1")]
    [DataRow("download f 1")]
    public void TryParse_BadRequest_IsRefused(string text) => Assert.IsFalse(PlainRequest.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
