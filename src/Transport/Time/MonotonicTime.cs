namespace CS3103P2P.Transport;

/// <summary>
/// A point on a clock that never goes back, in microseconds from an arbitrary start. State machines are told it; they never ask for it.
/// </summary>
public readonly record struct MonotonicTime(long Micros) : IComparable<MonotonicTime>
{
    /// <summary>Later than every time that a machine meets.</summary>
    public static readonly MonotonicTime Never = new(long.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(MonotonicTime other) => Micros.CompareTo(other.Micros);

    /// <summary>The time from <paramref name="earlier"/> to this one.</summary>
    public TimeSpan Since(MonotonicTime earlier) => this - earlier;

    /// <summary>The earlier of two deadlines, where null means none.</summary>
    public static MonotonicTime? Earlier(MonotonicTime? left, MonotonicTime? right) =>
        left is not { } l ? right : right is not { } r ? l : l <= r ? l : r;

    /// <summary>This time moved by a span.</summary>
    public static MonotonicTime operator +(MonotonicTime time, TimeSpan span) => new(time.Micros + (span.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>This time moved back by a span.</summary>
    public static MonotonicTime operator -(MonotonicTime time, TimeSpan span) => new(time.Micros - (span.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>The span between two times.</summary>
    public static TimeSpan operator -(MonotonicTime later, MonotonicTime earlier) => new((later.Micros - earlier.Micros) * TimeSpan.TicksPerMicrosecond);

    /// <summary>Whether one time is before the other.</summary>
    public static bool operator <(MonotonicTime left, MonotonicTime right) => left.Micros < right.Micros;

    /// <summary>Whether one time is after the other.</summary>
    public static bool operator >(MonotonicTime left, MonotonicTime right) => left.Micros > right.Micros;

    /// <summary>Whether one time is not after the other.</summary>
    public static bool operator <=(MonotonicTime left, MonotonicTime right) => left.Micros <= right.Micros;

    /// <summary>Whether one time is not before the other.</summary>
    public static bool operator >=(MonotonicTime left, MonotonicTime right) => left.Micros >= right.Micros;

    /// <summary>The time moved by a span; the same as the operator.</summary>
    public MonotonicTime Add(TimeSpan span) => this + span;

    /// <summary>The time moved back by a span; the same as the operator.</summary>
    public MonotonicTime Subtract(TimeSpan span) => this - span;
}
