using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The clock and the agenda of a world. Time stands still until the next thing on the agenda is done.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private const long TicksPerMicrosecond = 10;
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Agenda _agenda = new();

    /// <summary>The time of day at which time begins, in seconds since 1970.</summary>
    public static long UnixSecondsAtZero => Epoch.ToUnixTimeSeconds();

    /// <summary>The present time.</summary>
    public MonotonicTime Now { get; private set; }

    /// <summary>What is still to be done.</summary>
    public int Count => _agenda.Count;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Micros * TicksPerMicrosecond;

    public override DateTimeOffset GetUtcNow() => Epoch + new TimeSpan(GetTimestamp());

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Puts something on the agenda. Things for the same time are done in the order in which they were put there.</summary>
    public void Schedule(MonotonicTime at, Action action) => _agenda.Add(Math.Max(at.Micros, Now.Micros), action);

    /// <summary>Puts something on the agenda.</summary>
    public void Schedule(TimeSpan after, Action action) => Schedule(Now + after, action);

    /// <summary>Moves on to the next thing; false when there is none before the limit, and time stands at the limit.</summary>
    public bool TryAdvance(MonotonicTime limit, out Action action)
    {
        bool isThere = _agenda.TryTake(limit.Micros, out long micros, out action);
        Now = isThere ? new MonotonicTime(micros) : limit;
        return isThere;
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private int _generation;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _generation++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan) Arm(dueTime, _generation);
            return true;
        }

        public void Dispose() => _generation++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(TimeSpan after, int generation) => time.Schedule(after, () =>
        {
            if (generation != _generation) return;
            if (_period > TimeSpan.Zero) Arm(_period, generation);
            callback(state);
        });
    }
}
