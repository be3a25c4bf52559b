using System.Net.Security;

namespace CS3103P2P.Stun;

/// <summary>How a <see cref="TurnClient"/> allocates.</summary>
public sealed class TurnClientOptions
{
    /// <summary>Asks for an IPv6 relayed address. Default false.</summary>
    public bool WantIPv6 { get; init; }

    /// <summary>The lifetime to ask for; renewed in time. Default 10 minutes, range 1 minute to 1 hour.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>When requests are sent again over UDP. Default: the RFC's schedule.</summary>
    public StunRetransmission Retransmission { get; init; } = StunRetransmission.Default;

    /// <summary>How long a TCP or TLS connection may take to come about. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks the server's certificate in place of the system; null leaves it to the system.</summary>
    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    /// <summary>The clock of stream connections. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
