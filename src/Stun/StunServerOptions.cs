using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Stun;

/// <summary>How a <see cref="StunServer"/> listens.</summary>
public sealed class StunServerOptions
{
    /// <summary>Where to listen. Default: every address, port 3478; port 0 is a free one.</summary>
    public TransportAddress ListenAddress { get; init; } = TransportAddress.FromBits(UInt128.Zero, StunClient.StandardPort);

    /// <summary>
    /// A second IP address of this machine and a second port: with them the server also serves NAT behaviour discovery (RFC 5780),
    /// on two addresses with two ports each. Then both addresses must be definite ones. Default: none.
    /// </summary>
    public TransportAddress? AlternateAddress { get; init; }

    /// <summary>
    /// Says whether a request from this source is answered; called for each, on up to four threads at a time: be quick, do not throw. Default: all are.
    /// </summary>
    public Func<TransportAddress, bool>? Admit { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the server reports what goes wrong. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Logger);
        if (AlternateAddress is not { } alternate) return;
        bool definite = !ListenAddress.IsUnspecified && !alternate.IsUnspecified && ListenAddress.IsIPv4 == alternate.IsIPv4;
        if (!definite) throw new ArgumentException("Both addresses must be definite ones of the same family.", nameof(AlternateAddress));
        bool differ = ListenAddress.AddressBits != alternate.AddressBits && (ListenAddress.Port != alternate.Port || alternate.Port == 0);
        if (!differ) throw new ArgumentException("The second IP address and port must differ from the first.", nameof(AlternateAddress));
    }
}
