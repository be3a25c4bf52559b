using System.Net;
using System.Net.Sockets;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Bench;

/// <summary>One end of a connection of some <see cref="StreamKind"/>, with all that must be closed after it.</summary>
internal sealed class BenchStream : IAsyncDisposable
{
    private const int DatagramBytes = 1_400;
    private const int TcpLevel = 6;
    private const int TcpCongestionOption = 13;

    private readonly Stack<IAsyncDisposable> _owned = new();

    private BenchStream()
    {
    }

    public Stream Stream { get; private set; } = Stream.Null;

    /// <summary>Waits for a connection, after saying where as `address`.</summary>
    public static async Task<BenchStream> AcceptAsync(StreamKind kind, IPAddress local)
    {
        var result = new BenchStream();
        if (IsTcp(kind))
        {
            using Socket listener = NewTcp(kind);
            listener.Bind(new IPEndPoint(local, 0));
            listener.Listen();
            Children.Print("address", $"{listener.LocalEndPoint}");
            result.Own(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
            return result;
        }

        UtpTransport transport = result.BindUtp(kind, local);
        Children.Print("address", $"{transport.LocalAddress}");
        Stream stream = await transport.AcceptAsync();
        if (kind == StreamKind.UtpTls) stream = await SecureStream.AuthenticateAsServerAsync(stream, PeerIdentity.Create());
        result.Own(stream);
        return result;
    }

    public static async Task<BenchStream> ConnectAsync(StreamKind kind, IPEndPoint remote)
    {
        var result = new BenchStream();
        if (IsTcp(kind))
        {
            Socket socket = NewTcp(kind);
            await socket.ConnectAsync(remote);
            result.Own(new NetworkStream(socket, ownsSocket: true));
            return result;
        }

        IPAddress local = IPAddress.IsLoopback(remote.Address) ? IPAddress.Loopback : IPAddress.Any;
        Stream stream = await result.BindUtp(kind, local).ConnectAsync(new TransportAddress(remote));
        if (kind == StreamKind.UtpTls) stream = await SecureStream.AuthenticateAsClientAsync(stream, PeerIdentity.Create(), null);
        result.Own(stream);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        while (_owned.TryPop(out IAsyncDisposable? owned)) await owned.DisposeAsync();
    }

    private static bool IsTcp(StreamKind kind) => kind <= StreamKind.TcpReno;

    private static Socket NewTcp(StreamKind kind)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (kind != StreamKind.Tcp)
        {
            // An accepted connection inherits it from the socket that listens.
            string algorithm = kind.ToString()["Tcp".Length..].ToLowerInvariant();
            socket.SetRawSocketOption(TcpLevel, TcpCongestionOption, Encoding.ASCII.GetBytes(algorithm));
        }

        return socket;
    }

    private UtpTransport BindUtp(StreamKind kind, IPAddress local)
    {
        var endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions
        {
            LocalAddress = new TransportAddress(local, 0),
            ForcePortableIo = kind == StreamKind.UtpPortable,
        });
        _owned.Push(endpoint);
        var transport = new UtpTransport(endpoint, new UtpOptions
        {
            Congestion = kind == StreamKind.UtpLedbat ? UtpCongestion.Ledbat : UtpCongestion.Throughput,
            MaxLoopbackDatagramBytes = DatagramBytes,
        });
        _owned.Push(transport);
        return transport;
    }

    private void Own(Stream stream)
    {
        Stream = stream;
        _owned.Push(stream);
    }
}
