using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>
/// The turns that all agents of one transport take with their guesses: together they send no more than one alone would. Owned by one loop; not thread-safe.
/// </summary>
internal sealed class IceBirthdayPace
{
    /// <summary>Between two guesses: 500 datagrams a second, 64 KB.</summary>
    public const long IntervalMicros = 2000;

    private MonotonicTime _free;

    /// <summary>Takes the first free turn that is not before the given time.</summary>
    public MonotonicTime Reserve(MonotonicTime earliest)
    {
        MonotonicTime turn = earliest > _free ? earliest : _free;
        _free = new MonotonicTime(turn.Micros + IntervalMicros);
        return turn;
    }
}
