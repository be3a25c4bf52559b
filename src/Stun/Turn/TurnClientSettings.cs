namespace CS3103P2P.Stun;

/// <summary>How a <see cref="TurnClientMachine"/> allocates.</summary>
public sealed record TurnClientSettings
{
    /// <summary>The user; null when the server asks for none.</summary>
    public TurnCredentials? Credentials { get; init; }

    /// <summary>Whether the server is reached over TCP or TLS: then nothing is retransmitted, and ChannelData is padded.</summary>
    public bool IsStream { get; init; }

    /// <summary>Asks for an IPv6 relayed address instead of an IPv4 one.</summary>
    public bool WantIPv6 { get; init; }

    /// <summary>Binds channels, which cost 4 bytes a datagram instead of 36. Default true.</summary>
    public bool UseChannels { get; init; } = true;

    /// <summary>The lifetime to ask for. Default 10 minutes, range 1 minute to 1 hour.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>When requests are sent again over UDP. Default: the RFC's.</summary>
    public StunRetransmission Retransmission { get; init; } = StunRetransmission.Default;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Retransmission);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lifetime, TimeSpan.FromHours(1));
    }
}
