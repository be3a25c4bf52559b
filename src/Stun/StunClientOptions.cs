namespace CS3103P2P.Stun;

/// <summary>How a <see cref="StunClient"/> asks.</summary>
public sealed class StunClientOptions
{
    /// <summary>How often and how long one server is asked. Default: <see cref="StunRetransmission.Brief"/>, 3.3 s in all.</summary>
    public StunRetransmission Retransmission { get; init; } = StunRetransmission.Brief;

    /// <summary>The port of servers named without one. Default 3478.</summary>
    public ushort DefaultPort { get; init; } = StunClient.StandardPort;

    /// <summary>How many addresses of one name are tried, IPv4 first. Default 3, range 1 to 16.</summary>
    public int MaxAddressesPerName { get; init; } = 3;

    internal void Validate()
    {
        const int MostAddresses = 16;
        ArgumentNullException.ThrowIfNull(Retransmission);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAddressesPerName, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAddressesPerName, MostAddresses);
    }
}
