using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>The relay in the tracker's process. Tracker and relay share a secret that nobody else knows and that ends with the process.</summary>
internal sealed class TrackerRelay : IAsyncDisposable
{
    private const int SecretBytes = 32;
    private readonly TurnServer _server;

    private TrackerRelay(TurnServer server, RelayDesk desk)
    {
        _server = server;
        Desk = desk;
    }

    /// <summary>Makes users of it.</summary>
    public RelayDesk Desk { get; }

    /// <summary>Where it listens.</summary>
    public TransportAddress LocalAddress => _server.LocalAddress;

    /// <summary>Bytes relayed since the start, in both directions.</summary>
    public long RelayedBytes => _server.RelayedBytes;

    /// <summary>How many peers it serves now.</summary>
    public int AllocationCount => _server.AllocationCount;

    /// <summary>Binds and starts to serve.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be bound.</exception>
    public static TrackerRelay Start(TransportAddress address, TrackerOptions options, Func<TransportAddress, bool> admit, MonotonicClock clock, ILogger logger)
    {
        string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        TurnServer server = TurnServer.Start(new TurnListenOptions
        {
            Policy = new TurnServerOptions { SharedSecret = secret, AllowPrivatePeers = options.AllowPrivateRelayPeers },
            ListenAddress = address,
            RelayAddress = address.IsUnspecified ? IPAddress.Any : address.ToIPAddress(),
            PublicAddress = options.PublicAddress,
            Admit = admit,
            TimeProvider = options.TimeProvider,
            Logger = logger,
        });
        TransportAddress told = options.PublicAddress is { } reached ? new TransportAddress(reached, server.LocalAddress.Port) : server.LocalAddress;
        long unixAtZero = (long)(options.TimeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch - (clock.Now - default(MonotonicTime))).TotalSeconds;
        return new TrackerRelay(server, new RelayDesk(told, secret, unixAtZero));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
