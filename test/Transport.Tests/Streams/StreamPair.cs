using System.Net;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

/// <summary>Both ends of a TCP connection over loopback.</summary>
internal sealed class StreamPair : IAsyncDisposable
{
    private StreamPair(Stream client, TcpAccepted server)
    {
        Client = client;
        Accepted = server;
    }

    public Stream Client { get; }

    public TcpAccepted Accepted { get; }

    public Stream Server => Accepted.Stream;

    public static async Task<StreamPair> ConnectAsync(IPAddress? address = null)
    {
        await using TcpTransport transport = TcpTransport.Listen(new TransportAddress(address ?? IPAddress.Loopback, 0));
        Task<TcpAccepted> accepting = transport.AcceptAsync();
        Stream client = await TcpTransport.ConnectAsync(transport.LocalAddress).Soon();
        return new StreamPair(client, await accepting.Soon());
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Accepted.DisposeAsync();
    }
}
