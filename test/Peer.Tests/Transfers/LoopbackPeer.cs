using System.Net;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Transfers;

/// <summary>One side of connections over loopback TCP and TLS, without a node around it.</summary>
internal sealed class LoopbackPeer : IAsyncDisposable
{
    private readonly TcpTransport _listener = TcpTransport.Listen(new TransportAddress(IPAddress.Loopback, 0));
    private readonly List<PeerConnection> _connections = [];
    private DatagramEndpoint? _endpoint;
    private UtpTransport? _utp;

    public LoopbackPeer()
    {
        Context = new ConnectionContext
        {
            Self = Identity.Id,
            ListenPort = 1,
            Shares = Shares,
            Uploads = new RateLimiter(null, TimeProvider.System),
            Downloads = new RateLimiter(null, TimeProvider.System),
            Metrics = Metrics,
            TimeProvider = TimeProvider.System,
            Logger = NullLogger.Instance,
        };
    }

    public PeerIdentity Identity { get; } = PeerIdentity.Create();

    public ShareTable Shares { get; } = new();

    public PeerMetrics Metrics { get; } = new();

    public ConnectionContext Context { get; }

    /// <summary>Connects two peers; the first connection is this side's.</summary>
    public async Task<(PeerConnection Ours, PeerConnection Theirs)> ConnectAsync(LoopbackPeer other)
    {
        (Stream ours, SecureStream theirs) = await ConnectRawAsync(other);
        var mine = new PeerConnection(ours, other.Identity.Id, other._listener.LocalAddress, "tcp", Context);
        var its = new PeerConnection(theirs, Identity.Id, _listener.LocalAddress, "tcp", other.Context);
        _connections.Add(mine);
        other._connections.Add(its);
        mine.Start();
        its.Start();
        return (mine, its);
    }

    /// <summary>Connects to another peer that speaks properly, and leaves this side to the test.</summary>
    public async Task<(SecureStream Ours, PeerConnection Theirs)> ConnectByHandAsync(LoopbackPeer other)
    {
        (SecureStream ours, SecureStream theirs) = await ConnectRawAsync(other);
        var its = new PeerConnection(theirs, Identity.Id, _listener.LocalAddress, "tcp", other.Context);
        other._connections.Add(its);
        its.Start();
        return (ours, its);
    }

    /// <summary>Connects two peers over uTP.</summary>
    public async Task<PeerConnection> ConnectUtpAsync(LoopbackPeer other)
    {
        Task<UtpStream> accepting = other.Utp.AcceptAsync();
        UtpStream stream = await Utp.ConnectAsync(other.Utp.LocalAddress);
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(await accepting, other.Identity);
        SecureStream ours = await SecureStream.AuthenticateAsClientAsync(stream, Identity, other.Identity.Id);
        var mine = new PeerConnection(ours, other.Identity.Id, other.Utp.LocalAddress, "utp", Context);
        var its = new PeerConnection(await server, Identity.Id, Utp.LocalAddress, "utp", other.Context);
        _connections.Add(mine);
        other._connections.Add(its);
        mine.Start();
        its.Start();
        return mine;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PeerConnection connection in _connections) await connection.DisposeAsync();
        await _listener.DisposeAsync();
        if (_utp is not null)
        {
            await _utp.DisposeAsync();
            await _endpoint!.DisposeAsync();
        }

        Identity.Dispose();
        Metrics.Dispose();
    }

    private UtpTransport Utp
    {
        get
        {
            _endpoint ??= DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = new TransportAddress(IPAddress.Loopback, 0) });
            return _utp ??= new UtpTransport(_endpoint, new UtpOptions { Linger = TimeSpan.FromSeconds(1) });
        }
    }

    private async Task<(SecureStream Ours, SecureStream Theirs)> ConnectRawAsync(LoopbackPeer other)
    {
        Task<TcpAccepted> accepting = other._listener.AcceptAsync();
        Stream stream = await TcpTransport.ConnectAsync(other._listener.LocalAddress);
        TcpAccepted accepted = await accepting;
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(accepted.Stream, other.Identity);
        SecureStream ours = await SecureStream.AuthenticateAsClientAsync(stream, Identity, other.Identity.Id);
        return (ours, await server);
    }
}
