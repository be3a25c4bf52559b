using System.Net;
using System.Net.Sockets;
using System.Text;
using CS3103P2P.Stun.Mapper;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.Mapper;

[TestClass]
public sealed class UpnpHttpClientTests
{
    [TestMethod]
    public async Task SendAsync_SoapRequest_CarriesActionAndBody()
    {
        (int status, byte[] body, string request) = await ExchangeAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "\"urn:x#Act\"", "<a/>");
        Assert.AreEqual(200, status);
        Assert.AreEqual("ok", Encoding.ASCII.GetString(body));
        StringAssert.StartsWith(request, "POST /ctl HTTP/1.1\r\n");
        StringAssert.Contains(request, "SOAPACTION: \"urn:x#Act\"\r\n");
        StringAssert.Contains(request, "Content-Type: text/xml; charset=utf-8\r\n");
        StringAssert.EndsWith(request, "<a/>");
    }

    [TestMethod]
    public async Task SendAsync_ErrorStatus_IsHandedOnWithItsBody()
    {
        (int status, byte[] body, _) = await ExchangeAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nfault");
        Assert.AreEqual((500, "fault"), (status, Encoding.ASCII.GetString(body)));
    }

    [TestMethod]
    public async Task SendAsync_Redirect_IsNotFollowed()
    {
        (int status, _, _) = await ExchangeAsync("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        Assert.AreEqual(302, status);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "that says so")]
    [DataRow(false, DisplayName = "that does not")]
    public async Task SendAsync_AnswerOverTheLimit_IsNoAnswer(bool says)
    {
        string body = new('x', UpnpXml.MaxDocumentBytes + 1);
        string length = says ? $"Content-Length: {body.Length}\r\n" : "Connection: close\r\n";
        (int status, byte[] read, _) = await ExchangeAsync($"HTTP/1.1 200 OK\r\n{length}\r\n{body}");
        Assert.AreEqual(0, status);
        Assert.IsEmpty(read);
    }

    [TestMethod]
    public async Task SendAsync_NotHttp_IsNoAnswer()
    {
        (int status, _, _) = await ExchangeAsync("SSH-2.0-router\r\n");
        Assert.AreEqual(0, status);
    }

    [TestMethod]
    public async Task SendAsync_NobodyListens_IsNoAnswer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var client = new UpnpHttpClient(TimeProvider.System);
        (int status, _) = await client.SendAsync(new UpnpRequest(1, new Uri($"http://127.0.0.1:{port}/"), null, null), CancellationToken.None);
        Assert.AreEqual(0, status);
    }

    // Serves one connection with a fixed answer and tells what was asked.
    private static async Task<(int Status, byte[] Body, string Request)> ExchangeAsync(string answer, string? action = null, string? body = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/ctl");
        using var client = new UpnpHttpClient(TimeProvider.System);
        Task<(int Status, byte[] Body)> sent = client.SendAsync(new UpnpRequest(1, url, action, body), limit.Token);
        using Socket connection = await listener.AcceptSocketAsync(limit.Token);
        var request = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n" + body, StringComparison.Ordinal))
        {
            int read = await connection.ReceiveAsync(buffer, SocketFlags.None, limit.Token);
            Assert.AreNotEqual(0, read, "the request is not complete");
            request.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        try
        {
            await connection.SendAsync(Encoding.ASCII.GetBytes(answer), SocketFlags.None, limit.Token);
            connection.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The client has hung up on too long an answer, as it should.
        }

        (int status, byte[] content) = await sent;
        return (status, content, request.ToString());
    }
}
