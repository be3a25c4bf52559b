namespace CS3103P2P.Simulation;

/// <summary>
/// The clock of one program: its timers end with it, and wait while the machine sleeps. The date is the machine's, and may jump; the monotonic time may not.
/// </summary>
internal sealed class ProcessClock : TimeProvider
{
    private readonly VirtualTime _time;
    private readonly WallClock _wall;
    private readonly VirtualHost _host;
    private readonly List<Action> _missed = [];

    public ProcessClock(VirtualTime time, WallClock wall, VirtualHost host)
    {
        _time = time;
        _wall = wall;
        _host = host;
        host.Awoke += CatchUp;
    }

    /// <summary>Whether the program is gone.</summary>
    public bool IsStopped { get; set; }

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => _time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _wall.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        bool isMissed = false;
        return _time.CreateTimer(
            _ =>
            {
                if (IsStopped || isMissed) return;
                if (!_host.IsAsleep)
                {
                    callback(state);
                    return;
                }

                isMissed = true;
                _missed.Add(() =>
                {
                    isMissed = false;
                    callback(state);
                });
            },
            null,
            dueTime,
            period);
    }

    private void CatchUp()
    {
        Action[] missed = [.. _missed];
        _missed.Clear();
        if (IsStopped) return;
        foreach (Action callback in missed) callback();
    }
}
