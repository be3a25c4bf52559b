using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>A STUN server on sockets of its own: one, or four when it serves NAT behaviour discovery (RFC 5780).</summary>
public sealed class StunServer : IAsyncDisposable
{
    private const int MaxBindAttempts = 8;

    private readonly DatagramEndpoint[] _endpoints;
    private readonly StunResponderMachine[] _machines;

    private StunServer(StunServerOptions options, DatagramEndpoint[] endpoints, StunServerAddresses? addresses)
    {
        _endpoints = endpoints;
        var responder = new StunResponder(addresses);
        _machines = [.. endpoints.Select((_, i) => new StunResponderMachine(responder, i, SendElsewhere, options.Admit))];
        Addresses = addresses;
    }

    /// <summary>The first address, with the port that the system picked where none was given.</summary>
    public TransportAddress LocalAddress => _endpoints[0].LocalAddress;

    /// <summary>The four addresses; null when the server has one socket.</summary>
    public StunServerAddresses? Addresses { get; }

    /// <summary>Datagrams that came since the start.</summary>
    public long DatagramsReceived => _endpoints.Sum(endpoint => endpoint.GetStatistics().DatagramsReceived);

    /// <summary>Binds the sockets and starts to answer.</summary>
    /// <exception cref="SocketException">An address cannot be bound.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static StunServer Start(StunServerOptions? options = null)
    {
        options ??= new StunServerOptions();
        options.Validate();
        StunServer server = options.AlternateAddress is { } alternate
            ? BindFour(options, alternate)
            : new StunServer(options, [Bind(options, options.ListenAddress)], null);
        server.Attach();
        return server;
    }

    /// <summary>Closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (DatagramEndpoint endpoint in _endpoints) await endpoint.DisposeAsync().ConfigureAwait(false);
    }

    // With free ports, a port that is free at the first address may be taken at the second; another one then is tried.
    private static StunServer BindFour(StunServerOptions options, TransportAddress alternate)
    {
        for (int attempt = 1; ; attempt++)
        {
            var bound = new List<DatagramEndpoint>(StunServerAddresses.Count);
            try
            {
                bound.Add(Bind(options, options.ListenAddress));
                bound.Add(Bind(options, options.ListenAddress.WithPort(alternate.Port)));
                var addresses = new StunServerAddresses(bound[0].LocalAddress, alternate.WithPort(bound[1].LocalAddress.Port));
                bound.Add(Bind(options, addresses[2]));
                bound.Add(Bind(options, addresses[3]));
                return new StunServer(options, [.. bound], addresses);
            }
            catch (SocketException)
            {
                foreach (DatagramEndpoint endpoint in bound) endpoint.DisposeAsync().AsTask().GetAwaiter().GetResult();
                bool portsAreFree = options.ListenAddress.Port == 0 || alternate.Port == 0;
                if (!portsAreFree || attempt == MaxBindAttempts) throw;
            }
        }
    }

    private static DatagramEndpoint Bind(StunServerOptions options, TransportAddress address) =>
        DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = address, TimeProvider = options.TimeProvider, Logger = options.Logger });

    // Requests of RFC 3489 clients have no magic cookie, so the shared classifier calls them foreign.
    private void Attach()
    {
        for (int i = 0; i < _endpoints.Length; i++)
        {
            _endpoints[i].Attach(DatagramKind.Stun, _machines[i]);
            _endpoints[i].Attach(DatagramKind.Foreign, _machines[i]);
        }
    }

    private void SendElsewhere(StunReply reply, byte[] bytes) =>
        _endpoints[reply.SendFrom].TryPost(() => _machines[reply.SendFrom].Enqueue(reply.Destination, bytes));
}
