namespace CS3103P2P.Stun;

/// <summary>What a <see cref="NatDiagnosis"/> asks.</summary>
public sealed class NatDiagnosisOptions
{
    /// <summary>Most servers that are asked.</summary>
    public const int MaxServers = NatBehaviorDiscovery.MaxServers;

    /// <summary>
    /// STUN servers, <c>host[:port]</c>, of which the first eight count. Filtering, and how long mappings live, show only with one that has two addresses.
    /// Default: public ones.
    /// </summary>
    public IReadOnlyList<string> Servers { get; init; } = PublicStunServers.Default;

    /// <summary>Whether the router is asked which protocols for opening ports it speaks; nothing is opened. Default: true.</summary>
    public bool AskRouter { get; init; } = true;

    /// <summary>
    /// The longest pause after which a mapping is tried, 2 s to 1 h; the measurement takes about twice as long as the mapping lives, and so at most twice this.
    /// Null (the default): the lifetime is not measured.
    /// </summary>
    public TimeSpan? LongestLifetime { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Servers);
        if (LongestLifetime is not { } longest) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, TimeSpan.FromSeconds(2), nameof(LongestLifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longest, TimeSpan.FromHours(1), nameof(LongestLifetime));
    }
}
