namespace CS3103P2P.NatLab;

/// <summary>How a home differs from one host behind a plain cable.</summary>
public sealed record HomeOptions
{
    /// <summary>Hosts on the home's LAN, 1 to 20.</summary>
    public int Hosts { get; init; } = 1;

    /// <summary>
    /// Whether the home's hosts reach each other through the public address (RFC 4787 §6). For carrier kinds: at the carrier too.
    /// </summary>
    public bool Hairpin { get; init; }

    /// <summary>Which external port an endpoint-independent mapping gets.</summary>
    public PortAllocation Ports { get; init; }

    /// <summary>What the home's link does to packets; null for a plain virtual cable, which is faster but can never change.</summary>
    public LinkConditions? Link { get; init; }

    /// <summary>A carrier shared with other homes; null for none, or for the carrier kinds one of its own.</summary>
    public Carrier? Carrier { get; init; }

    /// <summary>First three numbers of the LAN's addresses, such as <c>192.168.1</c>; null for one that no other home has.</summary>
    public string? LanPrefix { get; init; }

    /// <summary>How long the router remembers a UDP flow of one request and answer; whole seconds.</summary>
    public TimeSpan UdpTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the router remembers a UDP flow used for longer, and an endpoint-independent mapping; whole seconds.</summary>
    public TimeSpan UdpStreamTimeout { get; init; } = TimeSpan.FromSeconds(120);
}
