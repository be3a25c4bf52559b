using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>What a STUN server said about the socket that asked.</summary>
public readonly record struct StunBindingResult
{
    /// <summary>How the question ended; the addresses count only after <see cref="StunOutcome.Success"/>.</summary>
    public StunOutcome Outcome { get; init; }

    /// <summary>The server that answered, or was asked last.</summary>
    public TransportAddress Server { get; init; }

    /// <summary>The address from which the answer really came.</summary>
    public TransportAddress Source { get; init; }

    /// <summary>The asking socket's address as the server saw it (XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS of old servers).</summary>
    public TransportAddress MappedAddress { get; init; }

    /// <summary>The server's other address and port (RFC 5780 OTHER-ADDRESS, or CHANGED-ADDRESS of RFC 3489); null when it has none.</summary>
    public TransportAddress? OtherAddress { get; init; }

    /// <summary>The error code after <see cref="StunOutcome.Refused"/>; otherwise 0.</summary>
    public int ErrorCode { get; init; }

    /// <summary>The time from the last send to the answer, measured only when the request was sent once; otherwise null.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Whether the server has another address and another port of the same family, and so serves the tests of RFC 5780.</summary>
    internal bool HasTwoAddressServer => IsSuccess && OtherAddress is { } other
        && other.IsIPv4 == Server.IsIPv4 && other.AddressBits != Server.AddressBits && other.Port != Server.Port;

    /// <summary>Whether the server told the mapped address.</summary>
    public bool IsSuccess => Outcome == StunOutcome.Success;
}
