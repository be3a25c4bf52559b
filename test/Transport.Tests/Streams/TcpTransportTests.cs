using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class TcpTransportTests
{
    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("::1")]
    public async Task AcceptAsync_BothFamilies_SeesTheRemoteAddressAsItIs(string loopback)
    {
        if (loopback.Contains(':') && !Socket.OSSupportsIPv6) Assert.Inconclusive("This machine has no IPv6.");
        await using TcpTransport transport = TcpTransport.Listen(default);
        var target = new TransportAddress(IPAddress.Parse(loopback), transport.LocalAddress.Port);

        await using Stream client = await TcpTransport.ConnectAsync(target).Soon();
        await using TcpAccepted accepted = await transport.AcceptAsync().Soon();

        Assert.AreEqual(loopback, accepted.RemoteAddress.ToIPAddress().ToString());
        Assert.AreEqual(new TransportAddress((IPEndPoint)((NetworkStream)client).Socket.LocalEndPoint!), accepted.RemoteAddress);
        Assert.IsTrue(((NetworkStream)client).Socket.NoDelay);
        Assert.IsTrue(((NetworkStream)accepted.Stream).Socket.NoDelay);
    }

    [TestMethod]
    public async Task PeekAsync_BeforeReading_LosesNothing()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        await pair.Client.WriteAsync("DOWNLOAD a 1"u8.ToArray());

        byte[] first = new byte[1], all = new byte[12];
        int peeked = await pair.Accepted.PeekAsync(first).AsTask().Soon();
        await pair.Server.ReadExactlyAsync(all).AsTask().Soon();

        Assert.AreEqual(1, peeked);
        Assert.AreEqual((byte)'D', first[0]);
        Assert.AreEqual("DOWNLOAD a 1", System.Text.Encoding.ASCII.GetString(all));
    }

    [TestMethod]
    public async Task PeekAsync_OtherSideClosed_Zero()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        await pair.Client.DisposeAsync();

        Assert.AreEqual(0, await pair.Accepted.PeekAsync(new byte[1]).AsTask().Soon());
    }

    [TestMethod]
    public async Task AcceptAsync_DisposedWhileWaiting_ObjectDisposed()
    {
        TcpTransport transport = TcpTransport.Listen(default);
        Task<TcpAccepted> waiting = transport.AcceptAsync();
        await transport.DisposeAsync();

        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => waiting.Soon());
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => transport.AcceptAsync().Soon());
    }

    [TestMethod]
    public async Task AcceptAsync_ConnectionResetBeforeAccept_TheNextOneIsServed()
    {
        await using TcpTransport transport = TcpTransport.Listen(new TransportAddress(IPAddress.Loopback, 0));
        using (var rude = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            rude.LingerState = new LingerOption(true, 0);
            await rude.ConnectAsync(transport.LocalAddress.ToIPEndPoint());
        }

        await using Stream client = await TcpTransport.ConnectAsync(transport.LocalAddress).Soon();
        await client.WriteAsync("x"u8.ToArray());
        while (!await ReadsOneByteAsync(transport))
        {
        }
    }

    [TestMethod]
    public async Task ConnectAsync_NobodyListens_SocketException()
    {
        TransportAddress free;
        await using (TcpTransport transport = TcpTransport.Listen(new TransportAddress(IPAddress.Loopback, 0))) free = transport.LocalAddress;

        await Assert.ThrowsAsync<SocketException>(() => TcpTransport.ConnectAsync(free).Soon());
    }

    [TestMethod]
    [DataRow(SocketError.ConnectionReset, TcpAcceptVerdict.NextAtOnce)]
    [DataRow(SocketError.ConnectionAborted, TcpAcceptVerdict.NextAtOnce)]
    [DataRow(SocketError.TooManyOpenSockets, TcpAcceptVerdict.NextAfterPause)]
    [DataRow(SocketError.NoBufferSpaceAvailable, TcpAcceptVerdict.NextAfterPause)]
    [DataRow(SocketError.OperationAborted, TcpAcceptVerdict.Closed)]
    public void Classify_AcceptError_Verdict(SocketError error, object expected) =>
        Assert.AreEqual(expected, TcpAcceptErrors.Classify(error));

    private static async Task<bool> ReadsOneByteAsync(TcpTransport transport)
    {
        await using TcpAccepted accepted = await transport.AcceptAsync().Soon();
        try
        {
            return await accepted.PeekAsync(new byte[1]).AsTask().Soon() == 1;
        }
        catch (IOException)
        {
            return false;   // the reset connection
        }
    }
}
