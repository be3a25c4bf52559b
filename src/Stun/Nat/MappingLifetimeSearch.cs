namespace CS3103P2P.Stun;

/// <summary>
/// Chooses the pauses after which mappings are tried (RFC 5780 §4.6). All mappings of a round idle at the same time, so a round lasts as long as the first
/// pause that a mapping does not outlive: the first round doubles the pauses, each further one divides what is left between.
/// </summary>
/// <remarks>Take a round by <see cref="NextRound"/>, try its pauses from the shortest on, and report by <see cref="HandleRound"/>, until none is left.</remarks>
internal sealed class MappingLifetimeSearch
{
    /// <summary>Mappings that are held at a time.</summary>
    public const int MaxProbes = 10;

    private const int Rounds = 2;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FineEnough = TimeSpan.FromMilliseconds(250);
    private readonly TimeSpan _longest;
    private TimeSpan _alive;
    private TimeSpan? _dead;
    private int _rounds;

    /// <param name="longest">The longest pause that is tried, from 2 s.</param>
    public MappingLifetimeSearch(TimeSpan longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, Shortest * 2);
        _longest = longest;
    }

    /// <summary>What is known; null when not even the shortest pause was outlived or tried.</summary>
    public NatLifetime? Result => _rounds == 0 ? null : new NatLifetime(_alive, _dead);

    /// <summary>The pauses to try next, growing; none when the search is over.</summary>
    public IReadOnlyList<TimeSpan> NextRound()
    {
        if (_rounds == 0) return FirstRound();
        if (_rounds >= Rounds || _dead is not { } dead || dead - _alive <= FineEnough) return [];
        int steps = (int)Math.Min(MaxProbes, (dead - _alive) / FineEnough);
        return [.. Enumerable.Range(1, steps).Select(i => _alive + ((dead - _alive) * i / (steps + 1)))];
    }

    /// <summary>Takes the end of a round.</summary>
    /// <param name="longestAlive">The longest pause of it that a mapping outlived; null for none.</param>
    /// <param name="shortestDead">The shortest that none did; null for none.</param>
    public void HandleRound(TimeSpan? longestAlive, TimeSpan? shortestDead)
    {
        _rounds++;
        if (longestAlive is { } alive && alive > _alive) _alive = alive;
        if (shortestDead is { } dead && (_dead is null || dead < _dead)) _dead = dead;
    }

    private List<TimeSpan> FirstRound()
    {
        List<TimeSpan> pauses = [_longest];
        while (pauses.Count < MaxProbes && pauses[0] / 2 >= Shortest) pauses.Insert(0, pauses[0] / 2);
        return pauses;
    }
}
