using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

/// <summary>A socket with STUN, ICE and uTP; offers go to the other node by way of memory.</summary>
internal sealed class IceNode : IAsyncDisposable
{
    private static readonly TurnCredentials User = new("user", "password");
    private readonly StunClient _stun;
    private readonly TurnServer? _relay;
    private IceNode? _peer;
    private int _offersToLose;
    private int _offersSent;

    public IceNode(
        byte id, Func<IceAgentSettings, IceAgentSettings>? adjust = null, TurnServer? relay = null, int maxPending = 256, bool allowLoopback = true,
        Func<IceLocalDescription, IceLocalDescription>? local = null, IPAddress? address = null)
    {
        Id = IdOf(id);
        _relay = relay;
        Endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = new TransportAddress(address ?? IPAddress.Loopback, 0) });
        _stun = StunClient.Attach(Endpoint);
        var options = new IceTransportOptions
        {
            AllowLoopback = allowLoopback,
            MaxPending = maxPending,
            AdjustSettings = adjust ?? (settings => settings),
            AdjustLocal = local ?? (relay is null ? gathered => gathered : OnlyRelayed),
            Relays = relay is null ? null : _ => Task.FromResult<IReadOnlyList<TurnUri>>([new TurnUri("127.0.0.1", relay.LocalAddress.Port, TurnTransport.Udp, User)]),
        };
        Ice = new IceTransport(_stun, options);
        Utp = new UtpTransport(Endpoint, new UtpOptions { Paths = Ice });
    }

    public PeerId Id { get; }

    public DatagramEndpoint Endpoint { get; }

    public IceTransport Ice { get; }

    public UtpTransport Utp { get; }

    public int OffersToLose { init => _offersToLose = value; }

    /// <summary>The only offer to lose, counted from 1; 0 for none.</summary>
    public int OfferToLose { get; init; }

    public int OffersSent => Volatile.Read(ref _offersSent);

    public static PeerId IdOf(byte id)
    {
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        bytes.Fill(id);
        return new PeerId(bytes);
    }

    public static TurnServer StartRelay() => TurnServer.Start(new TurnListenOptions
    {
        Policy = new TurnServerOptions { Users = [User], AllowPrivatePeers = true },
        ListenAddress = new TransportAddress(IPAddress.Loopback, 0),
        RelayAddress = IPAddress.Loopback,
        FirstRelayPort = 0,
    });

    public Task<IceConnectResult> ConnectAsync(IceNode peer)
    {
        _peer = peer;
        peer._peer = this;
        return Ice.ConnectAsync(peer.Id, SendOfferAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await Utp.DisposeAsync();
        await Ice.DisposeAsync();
        await Endpoint.DisposeAsync();
    }

    private Task<bool> SendOfferAsync(PeerId to, ReadOnlyMemory<byte> offer, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _offersSent) == OfferToLose) return Task.FromResult(true);
        if (Interlocked.Decrement(ref _offersToLose) < 0) _peer!.Ice.HandleOffer(Id, offer, _peer.SendOfferAsync);
        return Task.FromResult(true);
    }

    private static IceLocalDescription OnlyRelayed(IceLocalDescription local) =>
        local with { Candidates = [.. local.Candidates.Where(c => c.Type == IceCandidateType.Relayed)] };
}
