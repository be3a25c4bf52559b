namespace CS3103P2P.Peer.Discovery;

/// <summary>How patient the tracker client is.</summary>
internal static class TrackerClientTimings
{
    /// <summary>How long each of the sends of a request waits for its answer, in microseconds; then it is given up.</summary>
    public static ReadOnlySpan<long> WaitsMicros => [500_000, 1_000_000, 2_000_000, 2_000_000, 2_000_000];

    /// <summary>The same where there is another tracker to turn to.</summary>
    public static ReadOnlySpan<long> QuickWaitsMicros => [400_000, 600_000, 1_000_000, 1_000_000];

    /// <summary>How often a tracker that is better placed than the present one is asked whether it answers again.</summary>
    public static readonly TimeSpan ReturnPeriod = TimeSpan.FromSeconds(10);

    /// <summary>How long after the turn to another tracker a share that it does not know may still be on its way there: its peers notice by their next refresh.</summary>
    public static readonly TimeSpan MovePeriod = TimeSpan.FromSeconds(26);

    /// <summary>A question that has been sent so often without an answer goes on in the original document's form.</summary>
    public const int ExtendedSends = 3;

    /// <summary>Waits vary by this share to either side, so that peers do not ask in step.</summary>
    public const double Jitter = 0.1;

    /// <summary>The lease asked for: survives several lost refreshes, and ends soon after a crash.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(120);

    /// <summary>How often the lease is renewed. Well below the 30 s after which some NATs forget a mapping (RFC 4787 §4.3 asks for 2 min, few comply).</summary>
    public static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(20);

    /// <summary>How long before its end a user of the tracker's relay is replaced.</summary>
    public static readonly TimeSpan RelayRenewal = TimeSpan.FromMinutes(20);

    /// <summary>How soon after an unanswered refresh or registration the next try follows.</summary>
    public static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(5);

    /// <summary>How often everything is registered anew with a tracker that knows no refresh.</summary>
    public static readonly TimeSpan LiteralRepeatPeriod = TimeSpan.FromMinutes(5);

    /// <summary>How long after this peer introduced itself a request is repeated that the tracker refused to a stranger.</summary>
    public static readonly TimeSpan IntroductionPeriod = TimeSpan.FromMilliseconds(300);

    /// <summary>How often a tracker that seems to know no extensions is asked whether it does.</summary>
    public static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(10);

    /// <summary>Newly verified chunks are told together, this long after the report before.</summary>
    public static readonly TimeSpan BatchPeriod = TimeSpan.FromSeconds(1);
}
