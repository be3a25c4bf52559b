using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>
/// The turns that all agents of one transport take with their guesses: together they send no more than one alone would. Owned by one loop; not thread-safe.
/// </summary>
internal sealed class IceBirthdayPace
{
    /// <summary>Datagrams sent in one turn: one wake-up for several, and still few enough for the queue of any home's link.</summary>
    public const int DatagramsPerTurn = 5;

    /// <summary>Between two turns: 500 datagrams a second, 64 KB.</summary>
    public const long IntervalMicros = 10_000;

    private MonotonicTime _free;

    /// <summary>Takes the first free turn that is not before the given time.</summary>
    public MonotonicTime Reserve(MonotonicTime earliest)
    {
        MonotonicTime turn = earliest > _free ? earliest : _free;
        _free = new MonotonicTime(turn.Micros + IntervalMicros);
        return turn;
    }
}
