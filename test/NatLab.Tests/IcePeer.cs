using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.NatLab.Tests;

/// <summary>A program on a lab's host with ICE over one socket; offers travel in memory, as a tracker on the internet would carry them.</summary>
internal sealed class IcePeer : ILogger, IAsyncDisposable
{
    private const int Port = 6881;
    private readonly DatagramEndpoint _endpoint;
    private readonly PublicEndpointWatcher _watcher;
    private readonly ConcurrentQueue<string> _log = new();
    private IcePeer? _peer;

    private IcePeer(byte id, DatagramEndpoint endpoint, string[] stunServers)
    {
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        bytes.Fill(id);
        Id = new PeerId(bytes);
        _endpoint = endpoint;
        StunClient stun = StunClient.Attach(endpoint);
        _watcher = new PublicEndpointWatcher(stun, new PublicEndpointWatcherOptions { Servers = stunServers });
        Ice = new IceTransport(stun, new IceTransportOptions { Watcher = _watcher, StunServers = stunServers, Logger = this });
        Ice.Accepted += connection => Accepted = connection;
    }

    public PeerId Id { get; }

    public IceTransport Ice { get; }

    public string Log => string.Join('\n', _log);

    public IceConnection? Accepted { get; private set; }

    public static IcePeer Start(byte id, LabHost host, string[] stunServers)
    {
        var options = new DatagramEndpointOptions { LocalAddress = new TransportAddress(host.Address, Port) };
        return new IcePeer(id, host.Run(() => DatagramEndpoint.Bind(options)), stunServers);
    }

    /// <summary>Two addresses that answer Binding requests.</summary>
    public static StunServer StartStun(LabHost server) => server.Run(() => StunServer.Start(new StunServerOptions
    {
        ListenAddress = new TransportAddress(server.Addresses[0], StunClient.StandardPort),
        AlternateAddress = new TransportAddress(server.Addresses[1], StunClient.StandardPort + 1),
    }));

    public static string[] NamesOf(LabHost server) =>
        [new IPEndPoint(server.Addresses[0], StunClient.StandardPort).ToString(), new IPEndPoint(server.Addresses[1], StunClient.StandardPort).ToString()];

    public Task<IceConnectResult> ConnectAsync(IcePeer peer, CancellationToken cancellationToken)
    {
        _peer = peer;
        peer._peer = this;
        return Ice.ConnectAsync(peer.Id, SendOfferAsync, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Ice.DisposeAsync();
        await _watcher.DisposeAsync();
        await _endpoint.DisposeAsync();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue($"{Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000) % 1_000_000} {formatter(state, exception)} {exception?.Message}");

    private Task<bool> SendOfferAsync(PeerId to, ReadOnlyMemory<byte> offer, CancellationToken cancellationToken)
    {
        _peer!.Ice.HandleOffer(Id, offer, _peer.SendOfferAsync);
        return Task.FromResult(true);
    }
}
