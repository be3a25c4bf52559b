using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Transport;

/// <summary>How a <see cref="DatagramEndpoint"/> is bound.</summary>
public sealed class DatagramEndpointOptions
{
    /// <summary>
    /// Where to listen. The default, <c>[::]:0</c>, is every address of both families on a port that the system picks;
    /// <c>0.0.0.0:port</c> is IPv4 alone. Where the system has no IPv6, <c>[::]</c> means IPv4.
    /// </summary>
    public TransportAddress LocalAddress { get; init; }

    /// <summary>The clock of all machines. Default: the system's. Whoever moves a clock by hand calls <see cref="DatagramEndpoint.Wake"/> after it.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the endpoint reports what goes wrong. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The kernel's receive buffer to ask for, in bytes; the system may grant less. Default 4 MiB, range 4 KiB to 256 MiB.</summary>
    public int ReceiveBufferBytes { get; init; } = 4 << 20;

    /// <summary>The kernel's send buffer to ask for, in bytes; the system may grant less. Default 4 MiB, range 4 KiB to 256 MiB.</summary>
    public int SendBufferBytes { get; init; } = 4 << 20;

    /// <summary>Uses the portable socket calls even where the kernel could batch. Default false.</summary>
    public bool ForcePortableIo { get; init; }

    /// <summary>
    /// Lets routers cut large datagrams in pieces. Default false: a datagram larger than the path is lost, which path MTU discovery needs and
    /// which spares NATs that drop pieces. A server whose protocol has long replies sets it.
    /// </summary>
    public bool AllowFragments { get; init; }

    /// <summary>
    /// Lets further sockets of this user bind the same port, among which the system then divides the senders (SO_REUSEPORT, socket(7)). Linux alone.
    /// </summary>
    internal bool SharePort { get; init; }

    internal void Validate()
    {
        const int MinBufferBytes = 4 << 10, MaxBufferBytes = 256 << 20;
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Logger);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveBufferBytes, MinBufferBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ReceiveBufferBytes, MaxBufferBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(SendBufferBytes, MinBufferBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SendBufferBytes, MaxBufferBytes);
    }
}
