using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunStreamQueryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [TestMethod]
    public async Task AskAsync_OfARelayOverTcp_TellsOurAddress()
    {
        await using TurnServer server = IceNode.StartRelay();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.LocalAddress.Port);
        TransportAddress? seen = await StunStreamQuery.AskAsync(client.GetStream()).WaitAsync(Limit);
        Assert.AreEqual(new TransportAddress((IPEndPoint)client.Client.LocalEndPoint!), seen);
    }

    [TestMethod]
    [DataRow("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [DataRow("\u0001\u0001\u0000\u0000AAAABBBBBBBBBBBB")]
    public async Task AskAsync_OfSomethingElse_TellsNothing(string answer)
    {
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(answer);
        TransportAddress? seen = await StunStreamQuery.AskAsync(new AnswerStream(bytes)).WaitAsync(Limit);
        Assert.IsNull(seen);
    }

    [TestMethod]
    public async Task AskAsync_OfAStreamThatEnds_Throws() =>
        await Assert.ThrowsAsync<IOException>(() => StunStreamQuery.AskAsync(new AnswerStream([1, 1, 0])));

    // Takes whatever is written, and gives a fixed answer.
    private sealed class AnswerStream(byte[] answer) : MemoryStream(answer)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
