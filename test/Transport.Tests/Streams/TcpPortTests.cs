using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests.Streams;

[TestClass]
public sealed class TcpPortTests
{
    [TestMethod]
    public async Task ConnectAsync_ToSeveralPlaces_ComesFromOnePort()
    {
        using TcpListener one = Listen();
        using TcpListener other = Listen();
        using TcpPort port = TcpPort.Open();
        using Stream toOne = await port.ConnectAsync(AddressOf(one), CancellationToken.None);
        using Stream toOther = await port.ConnectAsync(AddressOf(other), CancellationToken.None);
        using Socket first = await one.AcceptSocketAsync();
        using Socket second = await other.AcceptSocketAsync();
        Assert.AreEqual(((IPEndPoint)first.RemoteEndPoint!).Port, ((IPEndPoint)second.RemoteEndPoint!).Port);
    }

    [TestMethod]
    public async Task ConnectAsync_WhereNobodyListens_ThrowsAndThePortCanBeUsedOn()
    {
        using TcpListener listener = Listen();
        TransportAddress nobody;
        using (TcpListener gone = Listen()) nobody = AddressOf(gone);
        using TcpPort port = TcpPort.Open();
        await Assert.ThrowsExactlyAsync<SocketException>(() => port.ConnectAsync(nobody, CancellationToken.None));
        using Stream connected = await port.ConnectAsync(AddressOf(listener), CancellationToken.None);
        Assert.IsTrue(connected.CanWrite);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static TransportAddress AddressOf(TcpListener listener) => new((IPEndPoint)listener.LocalEndpoint);
}
