namespace CS3103P2P.Simulation;

/// <summary>The clock of one host: its date may jump, its monotonic time may not.</summary>
internal sealed class WallClock(VirtualTime time) : TimeProvider
{
    /// <summary>By how much the date is wrong.</summary>
    public TimeSpan Error { get; set; }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Error;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
