using System.Net;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests.Streams;

/// <summary>An endpoint on loopback with uTP on it.</summary>
internal sealed class UtpNode : IAsyncDisposable
{
    public UtpNode(UtpOptions? options = null, bool portable = false)
    {
        Endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = new TransportAddress(IPAddress.Loopback, 0), ForcePortableIo = portable });
        Transport = new UtpTransport(Endpoint, options ?? new UtpOptions());
    }

    public DatagramEndpoint Endpoint { get; }

    public UtpTransport Transport { get; }

    public TransportAddress Address => Endpoint.LocalAddress;

    /// <summary>Connects to another node; yields both ends.</summary>
    public async Task<(UtpStream Client, UtpStream Server)> OpenAsync(UtpNode server, CancellationToken ct)
    {
        Task<UtpStream> accepting = server.Transport.AcceptAsync(ct);
        UtpStream client = await Transport.ConnectAsync(server.Address, ct);
        return (client, await accepting);
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        await Endpoint.DisposeAsync();
    }
}
