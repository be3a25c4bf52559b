using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// Asks STUN servers how a socket looks from outside (RFC 8489): over a socket shared with other protocols, so that the answer is the
/// address that peers reach, or over one of its own. Thread-safe.
/// </summary>
public sealed class StunClient : IAsyncDisposable
{
    /// <summary>The port of STUN over UDP (RFC 8489 §18.6).</summary>
    public const ushort StandardPort = 3478;

    private readonly DatagramEndpoint _endpoint;
    private readonly StunClientOptions _options;
    private readonly bool _ownsEndpoint;

    /// <summary>Makes a client over a socket to which the multiplexer is attached already.</summary>
    /// <param name="endpoint">The socket.</param>
    /// <param name="multiplexer">
    /// Attached as <see cref="DatagramKind.Stun"/>, with a callback that calls <see cref="StunMultiplexer.Abort"/>; see <see cref="Attach"/>.
    /// </param>
    /// <param name="options">How to ask; the defaults when null.</param>
    public StunClient(DatagramEndpoint endpoint, StunMultiplexer multiplexer, StunClientOptions? options = null)
        : this(endpoint, multiplexer, options, ownsEndpoint: false)
    {
    }

    private StunClient(DatagramEndpoint endpoint, StunMultiplexer multiplexer, StunClientOptions? options, bool ownsEndpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(multiplexer);
        _options = options ?? new StunClientOptions();
        _options.Validate();
        _endpoint = endpoint;
        Multiplexer = multiplexer;
        _ownsEndpoint = ownsEndpoint;
    }

    /// <summary>The socket's own address.</summary>
    public TransportAddress LocalAddress => _endpoint.LocalAddress;

    /// <summary>All STUN of the socket. Touch it on the socket's loop only.</summary>
    public StunMultiplexer Multiplexer { get; }

    /// <summary>TURN's data on the socket. Touch it on the socket's loop only; attached by <see cref="Attach"/> and <see cref="Bind"/>.</summary>
    public TurnChannelRouter TurnChannels { get; } = new();

    /// <summary>Attaches a new multiplexer, and a router of TURN's channels, to a shared socket and makes a client over them.</summary>
    /// <exception cref="InvalidOperationException">The socket has a STUN or TURN machine.</exception>
    public static StunClient Attach(DatagramEndpoint endpoint, StunClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var client = new StunClient(endpoint, new StunMultiplexer(), options, ownsEndpoint: false);
        client.AttachMultiplexer();
        return client;
    }

    /// <summary>Makes a client over a socket of its own.</summary>
    /// <param name="localAddress">Where to bind; by default any address and a free port.</param>
    /// <param name="options">How to ask; the defaults when null.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be bound.</exception>
    public static StunClient Bind(TransportAddress localAddress = default, StunClientOptions? options = null)
    {
        DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = localAddress });
        var client = new StunClient(endpoint, new StunMultiplexer(), options, ownsEndpoint: true);
        client.AttachMultiplexer();
        return client;
    }

    /// <summary>The same on a free port of the machine that another socket is on.</summary>
    internal static StunClient BindBeside(DatagramEndpoint other)
    {
        DatagramEndpoint endpoint = other.Network.Bind(new DatagramEndpointOptions { TimeProvider = other.TimeProvider });
        var client = new StunClient(endpoint, new StunMultiplexer(), null, ownsEndpoint: true);
        client.AttachMultiplexer();
        return client;
    }

    /// <summary>Asks one server.</summary>
    /// <returns>Never fails for what the network does: see <see cref="StunBindingResult.Outcome"/>.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<StunBindingResult> QueryAsync(TransportAddress server, CancellationToken cancellationToken = default) =>
        RunAsync<StunBindingResult>(
            completed =>
            {
                var query = new StunBindingQuery(Multiplexer, NewTransactionId, _options.Retransmission, (_, result) => completed(result));
                query.Start(_endpoint.Clock.Now, server);
                return query.Cancel;
            },
            new StunBindingResult { Outcome = StunOutcome.Closed, Server = server },
            cancellationToken);

    /// <summary>Asks a server by name: <c>host</c>, <c>host:port</c>, <c>a.b.c.d:port</c> or <c>[v6]:port</c>. Its addresses are tried in turn, IPv4 first.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<StunBindingResult> QueryAsync(string server, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<TransportAddress> addresses = await ServerNames
            .ResolveAsync(server, _options.DefaultPort, _options.MaxAddressesPerName, cancellationToken).ConfigureAwait(false);
        var result = new StunBindingResult { Outcome = StunOutcome.NameNotResolved };
        foreach (TransportAddress address in addresses)
        {
            result = await QueryAsync(address, cancellationToken).ConfigureAwait(false);
            if (result.IsSuccess) break;
        }

        return result;
    }

    /// <summary>Finds out how the NAT in front of the socket maps and filters (RFC 5780). Takes up to about ten seconds.</summary>
    /// <param name="servers">The first is preferably one with OTHER-ADDRESS; further ones serve where it has none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">No server was given.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<NatBehavior> DiscoverNatAsync(IReadOnlyList<TransportAddress> servers, CancellationToken cancellationToken = default) =>
        RunAsync<NatBehavior>(
            completed =>
            {
                IReadOnlyList<TransportAddress> own = LocalAddresses.Toward(servers, _endpoint.LocalAddress);
                var discovery = new NatBehaviorDiscovery(Multiplexer, NewTransactionId, servers, _options.Retransmission, completed, own);
                discovery.Start(_endpoint.Clock.Now);
                return discovery.Cancel;
            },
            new NatBehavior { Outcome = StunOutcome.Closed },
            cancellationToken);

    /// <summary>The same with names of servers; those without an address are left out.</summary>
    public async Task<NatBehavior> DiscoverNatAsync(IReadOnlyList<string> servers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(servers);
        Task<IReadOnlyList<TransportAddress>>[] lookups =
            [.. servers.Take(NatBehaviorDiscovery.MaxServers).Select(s => ServerNames.ResolveAsync(s, _options.DefaultPort, 1, cancellationToken))];
        IReadOnlyList<TransportAddress>[] found = await Task.WhenAll(lookups).ConfigureAwait(false);
        TransportAddress[] addresses = [.. found.SelectMany(a => a).Distinct()];
        if (addresses.Length == 0) return new NatBehavior { Outcome = StunOutcome.NameNotResolved };
        return await DiscoverNatAsync(addresses, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the socket if it is the client's own; a shared one stays as it is.</summary>
    public ValueTask DisposeAsync() => _ownsEndpoint ? _endpoint.DisposeAsync() : ValueTask.CompletedTask;

    internal StunTransactionId NewTransactionId() => NewTransactionId(_endpoint.Network.Chance);

    internal static StunTransactionId NewTransactionId(Random chance)
    {
        Span<byte> bytes = stackalloc byte[StunTransactionId.SizeInBytes];
        chance.NextBytes(bytes);
        return new StunTransactionId(bytes);
    }

    internal DatagramEndpoint Endpoint => _endpoint;

    private void AttachMultiplexer()
    {
        _endpoint.Attach(DatagramKind.Stun, Multiplexer, _ => Multiplexer.Abort(_endpoint.Clock.Now));
        _endpoint.Attach(DatagramKind.TurnChannel, TurnChannels, _ => TurnChannels.Abort(_endpoint.Clock.Now));
    }

    /// <summary>Starts a machine on the loop and waits for its callback; cancels it on the loop.</summary>
    private async Task<T> RunAsync<T>(Func<Action<T>, Action> start, T whenClosed, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action? cancel = null;
        try
        {
            await _endpoint.InvokeAsync(() => StartOnLoop(start, done, ref cancel, cancellationToken)).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return whenClosed;
        }

        using CancellationTokenRegistration registration = cancellationToken.Register(() =>
        {
            _endpoint.TryPost(() => cancel?.Invoke());
            done.TrySetCanceled(cancellationToken);
        });
        return await done.Task.ConfigureAwait(false);
    }

    private static void StartOnLoop<T>(Func<Action<T>, Action> start, TaskCompletionSource<T> done, ref Action? cancel, CancellationToken token)
    {
        if (token.IsCancellationRequested) return;
        try
        {
            cancel = start(result => done.TrySetResult(result));
        }
        catch (ArgumentException e)
        {
            done.TrySetException(e);
        }
    }
}
