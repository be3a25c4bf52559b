using System.Net;
using System.Security.Cryptography.X509Certificates;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Stun;

/// <summary>Where a <see cref="TurnServer"/> listens and relays.</summary>
public sealed class TurnListenOptions
{
    /// <summary>What it allows.</summary>
    public required TurnServerOptions Policy { get; init; }

    /// <summary>Where clients reach it by UDP and TCP. Default: every address, port 3478; port 0 is a free one.</summary>
    public TransportAddress ListenAddress { get; init; } = TransportAddress.FromBits(UInt128.Zero, StunClient.StandardPort);

    /// <summary>Where clients reach it by TLS; needs <see cref="Certificate"/>. Default: nowhere.</summary>
    public TransportAddress? TlsListenAddress { get; init; }

    /// <summary>The server's certificate with its private key, for TLS.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The local IPv4 address of relayed addresses; null means no IPv4 relaying. Default: any.</summary>
    public IPAddress? RelayAddress { get; init; } = IPAddress.Any;

    /// <summary>The local IPv6 address of relayed addresses. Default: none.</summary>
    public IPAddress? RelayAddressIPv6 { get; init; }

    /// <summary>
    /// The IPv4 address told to clients in place of <see cref="RelayAddress"/>: needed when that is "any", or when the server stands behind a NAT that
    /// passes everything on.
    /// </summary>
    public IPAddress? PublicAddress { get; init; }

    /// <summary>The first port of relayed addresses. Default 49152; 0 leaves the choice to the system.</summary>
    public int FirstRelayPort { get; init; } = 49152;

    /// <summary>The last port of relayed addresses. Default 65535.</summary>
    public int LastRelayPort { get; init; } = 65535;

    /// <summary>Most TCP and TLS connections at a time. Default 2,000.</summary>
    public int MaxConnections { get; init; } = 2000;

    /// <summary>
    /// Says whether a STUN or TURN request by UDP from this source is answered; relayed data is not asked about. Called for each: be quick, do not throw.
    /// Default: all are.
    /// </summary>
    public Func<TransportAddress, bool>? Admit { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the server reports what goes wrong. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Policy);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Logger);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(FirstRelayPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LastRelayPort, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(LastRelayPort, FirstRelayPort);
        bool hasAny = RelayAddress is not null && RelayAddress.Equals(IPAddress.Any);
        if (hasAny && PublicAddress is null) throw new ArgumentException("Relaying from any address needs a public address to tell.", nameof(PublicAddress));
        if (RelayAddressIPv6 is { } v6 && v6.Equals(IPAddress.IPv6Any)) throw new ArgumentException("A definite IPv6 address is needed.", nameof(RelayAddressIPv6));
        if (TlsListenAddress is not null && Certificate is null) throw new ArgumentException("TLS needs a certificate.", nameof(Certificate));
    }
}
