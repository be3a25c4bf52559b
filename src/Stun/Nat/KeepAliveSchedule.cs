namespace CS3103P2P.Stun;

/// <summary>
/// How often a mapping needs traffic. Begins with the longest period; becomes shorter when the NAT is seen to have forgotten a mapping that was idle for no
/// longer than that, and tries longer ones again ever more rarely. Pure; not thread-safe.
/// </summary>
/// <remarks>RFC 4787 §4.3 asks NATs for two minutes at least; some forget after a few seconds.</remarks>
/// <param name="longest">The period to begin with, and never to exceed.</param>
/// <param name="chance">Spreads the waits, so that peers do not ask in step.</param>
internal sealed class KeepAliveSchedule(TimeSpan longest, Random chance)
{
    private const double Jitter = 0.1;
    private const int Shorter = 2;            // what a lost mapping divides the period by
    private const double Longer = 1.25;       // what patience multiplies it by
    private const int FirstPatience = 60;     // rounds that must go well before a longer period is tried
    private const int MaxPatience = 960;      // the same, after many trials that went wrong
    private const double FullGap = 0.85;      // an idle time of less than this share of the period tells nothing about the period
    private const double MaxGap = 2;          // after more than this many periods the machine has slept, and the NAT is not to blame

    private readonly TimeSpan _longest = longest;
    private readonly TimeSpan _shortest = longest < Shortest ? longest : Shortest;
    private TimeSpan? _good;                  // while a longer period is on trial: the one before
    private int _patience = FirstPatience;
    private int _kept;                        // rounds that went well at this period

    /// <summary>Shorter periods are not tried: a NAT that forgets so fast is beyond help.</summary>
    public static TimeSpan Shortest { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The present period.</summary>
    public TimeSpan Period { get; private set; } = longest;

    /// <summary>The time to wait before the next traffic: the period, a tenth more or less.</summary>
    public TimeSpan NextWait() => Period * (1 - Jitter + (2 * Jitter * chance.Next(1001) / 1000));

    /// <summary>Takes what came of a round of traffic.</summary>
    /// <param name="idle">How long the mapping had been without traffic before.</param>
    /// <param name="isKept">Whether the NAT still had the mapping.</param>
    public void HandleRound(TimeSpan idle, bool isKept)
    {
        if (idle < Period * FullGap && isKept) return;
        if (idle > Period * MaxGap) return;
        if (!isKept) Shorten();
        else if (++_kept >= _patience) Lengthen();
        else if (_good is not null && _kept >= FirstPatience) _good = null;
    }

    private void Shorten()
    {
        if (_good is not null) _patience = Math.Min(_patience * 2, MaxPatience);
        TimeSpan next = _good ?? (Period / Shorter);
        Period = next < _shortest ? _shortest : next;
        (_good, _kept) = (null, 0);
    }

    private void Lengthen()
    {
        _kept = 0;
        if (Period == _longest) return;
        _good = Period;
        TimeSpan next = Period * Longer;
        Period = next > _longest ? _longest : next;
    }
}
