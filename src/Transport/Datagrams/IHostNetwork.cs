using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// What this library and those above it take from the machine that they run on, beside the time: sockets, addresses, and chance. A seam, so that a
/// simulator can stand in for the machine. Thread-safe.
/// </summary>
internal interface IHostNetwork
{
    /// <summary>Numbers that nobody can foresee: identifiers, credentials, seeds. Thread-safe.</summary>
    Random Chance { get; }

    /// <summary>Raised, on any thread, when the machine's addresses have changed.</summary>
    event Action? AddressesChanged;

    /// <summary>Binds a UDP socket with a loop of its own.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be bound.</exception>
    DatagramEndpoint Bind(DatagramEndpointOptions options);

    /// <summary>Opens an IPv4 UDP socket on a free port, without a loop.</summary>
    /// <param name="received">Takes what comes, on any thread.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The system gives no more.</exception>
    IPlainSocket OpenPlain(Action<TransportAddress, byte[]> received);

    /// <summary>Opens a TCP connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It could not be opened.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    Task<Stream> ConnectTcpAsync(TransportAddress remote, CancellationToken cancellationToken);

    /// <summary>Takes a local TCP port for several connections.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The machine gives none.</exception>
    TcpPort OpenTcpPort() => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.OperationNotSupported);

    /// <summary>The addresses of the interfaces that are up, port 0; none when the system does not tell.</summary>
    IReadOnlyList<HostAddress> ReadAddresses();
}
