using CS3103P2P.Transport;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>One port of ours at one router: what is wished, what was granted, and when to ask again.</summary>
internal sealed class MappingSlot(MappingTransport transport)
{
    // RFC 6887 §11.2.1: the first renewal stands at a random point between 1/2 and 5/8 of the lifetime, 4 s away at least.
    private const double EarliestRenewal = 0.5;
    private const double RenewalSpread = 0.125;
    private static readonly TimeSpan MinRenewal = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(1);

    public MappingTransport Transport { get; } = transport;

    /// <summary>Whether a request went out, so that the router may hold a mapping even if its answer was lost.</summary>
    public bool Requested { get; set; }

    public bool IsMapped { get; private set; }

    /// <summary>Whether the router has said yes or no.</summary>
    public bool IsAnswered => IsMapped || Failure != PortMappingFailure.None;

    public ushort WishedPort { get; set; }

    public ushort ExternalPort { get; private set; }

    public PortMappingFailure Failure { get; private set; }

    /// <summary>When to ask (again); null for not at all.</summary>
    public MonotonicTime? DueAt { get; set; }

    /// <summary>When the router forgets the mapping.</summary>
    public MonotonicTime ExpiresAt { get; private set; } = MonotonicTime.Never;

    public void Grant(MonotonicTime now, ushort externalPort, TimeSpan lifetime, TimeSpan longestRenewal, Random random)
    {
        if (lifetime > MaxLifetime) lifetime = MaxLifetime;
        TimeSpan renewal = lifetime * (EarliestRenewal + (random.NextDouble() * RenewalSpread));
        if (renewal > longestRenewal) renewal = longestRenewal;
        if (renewal < MinRenewal) renewal = MinRenewal;
        IsMapped = true;
        Failure = PortMappingFailure.None;
        ExternalPort = WishedPort = externalPort;
        ExpiresAt = now + lifetime;
        DueAt = now + renewal;
    }

    public void Refuse(PortMappingFailure failure, MonotonicTime? retryAt)
    {
        IsMapped = false;
        Failure = failure;
        ExpiresAt = MonotonicTime.Never;
        DueAt = retryAt;
    }

    public void Forget()
    {
        Refuse(PortMappingFailure.Stopped, null);
        Requested = false;
    }
}
