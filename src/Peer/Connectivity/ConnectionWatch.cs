using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Knows when a connection last did what, and so when it is dead, flooding, doubted or unused.</summary>
internal sealed class ConnectionWatch
{
    private const long Never = -1;
    private static readonly TimeSpan QuietAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMilliseconds(250);
    private readonly TimeProvider _time;
    private readonly MonotonicClock _clock;

    // All in microseconds of the clock.
    private long _lastHeard;
    private long _lastSent;
    private long _lastUsed;
    private long _lastReport;
    private long _lastData = Never;
    private long _writeStarted = Never;
    private long _lastServed = Never;
    private long _servedSince = Never;   // the first that was served since the peer was heard
    private long _keptAliveAt = Never;
    private long _lastDoubt = Never;
    private long _frameCreditAt;
    private double _frameCredit = ConnectionLimits.MaxFrameBurst;

    public ConnectionWatch(TimeProvider time)
    {
        _time = time;
        _clock = new MonotonicClock(time);
        _lastHeard = _lastSent = _lastUsed = _lastReport = _frameCreditAt = Micros;
    }

    /// <summary>The clock of all times here.</summary>
    public MonotonicClock Clock => _clock;

    /// <summary>Called when something may have begun to be due from the peer.</summary>
    public Action? SomethingDue { get; set; }

    /// <summary>The time that frames carry.</summary>
    public ulong UnixSeconds => (ulong)_time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether no data has gone either way for a while, so that waiting should cost no memory.</summary>
    public bool IsQuiet => Volatile.Read(ref _lastData) is var last && (last == Never || Micros - last > (long)QuietAfter.TotalMicroseconds);

    private long Micros => _clock.Now.Micros;

    /// <summary>Notes that a frame has begun; false when there are too many of them, data aside, which only comes when asked for. Called by the reader.</summary>
    public bool NoteFrame(bool isData)
    {
        long now = Micros;
        Volatile.Write(ref _lastHeard, now);
        if (isData) return true;
        double earned = (now - _frameCreditAt) / 1e6 * ConnectionLimits.MaxFramesPerSecond;
        _frameCreditAt = now;
        _frameCredit = Math.Min(ConnectionLimits.MaxFrameBurst, _frameCredit + earned) - 1;
        return _frameCredit >= 0;
    }

    /// <summary>Notes that data has come. Called by the reader.</summary>
    public void NoteData()
    {
        long now = Micros;
        _lastReport = now;
        Volatile.Write(ref _lastData, now);
        Volatile.Write(ref _lastHeard, now);
    }

    /// <summary>Whether data that came slowly should be reported. Called by the reader.</summary>
    public bool IsReportDue() => Micros - _lastReport >= (long)ReportPeriod.TotalMicroseconds;

    /// <summary>Notes that a write has begun. Called by the writer.</summary>
    public void NoteWriteStart()
    {
        Volatile.Write(ref _writeStarted, Micros);
        SomethingDue?.Invoke();
    }

    /// <summary>Notes that a write is through; the peer will answer data in one way or another. Called by the writer.</summary>
    public void NoteWriteEnd(bool isData)
    {
        long now = Micros;
        Volatile.Write(ref _writeStarted, Never);
        Volatile.Write(ref _lastSent, now);
        if (!isData) return;
        Volatile.Write(ref _lastData, now);
        if (_lastServed <= Volatile.Read(ref _lastHeard)) Volatile.Write(ref _servedSince, now);
        Volatile.Write(ref _lastServed, now);
        SomethingDue?.Invoke();
    }

    /// <summary>Notes that a share is open, or was until now.</summary>
    public void NoteUse() => Volatile.Write(ref _lastUsed, Micros);

    /// <summary>Whether something is due from the peer and has not come for <see cref="ConnectionLimits.Doubt"/>.</summary>
    /// <param name="owedSince">Since when the peer has been asked for data that has not come; null when it owes none.</param>
    public bool IsInDoubt(MonotonicTime? owedSince) => DoubtFrom(owedSince) is { } from && _clock.Now >= from;

    /// <summary>Looks at the clock; true when there is a doubt that is to be told.</summary>
    /// <param name="owedSince">Since when the peer has been asked for data that has not come; null when it owes none.</param>
    public bool CheckDoubt(MonotonicTime? owedSince)
    {
        MonotonicTime now = _clock.Now;
        if (DoubtDeadline(owedSince) is not { } due || now < due) return false;
        _lastDoubt = now.Micros;
        return true;
    }

    /// <summary>When <see cref="CheckDoubt"/> is due; null when nothing is expected of the peer.</summary>
    public MonotonicTime? DoubtDeadline(MonotonicTime? owedSince)
    {
        if (DoubtFrom(owedSince) is not { } from) return null;
        MonotonicTime again = new MonotonicTime(_lastDoubt) + ConnectionLimits.DoubtRepetition;
        return _lastDoubt > Volatile.Read(ref _lastHeard) && again > from ? again : from;
    }

    /// <summary>Looks at the clock; says why the connection must end, or null.</summary>
    public string? Check(bool isUsed, out bool isKeepAliveDue)
    {
        MonotonicTime now = _clock.Now;
        isKeepAliveDue = now >= KeepAliveAt;
        if (isKeepAliveDue) _keptAliveAt = now.Micros;
        if (isUsed) Volatile.Write(ref _lastUsed, now.Micros);
        if (now >= StuckFrom) return "it does not take what it is sent";
        if (now >= SilentFrom) return "it has been silent for too long";
        return now >= UnusedFrom ? "it was not used" : null;
    }

    /// <summary>When <see cref="Check"/> is due. What happens on the connection moves it back, but for a write that begins, which is no earlier than a keep-alive.</summary>
    public MonotonicTime Deadline(bool isUsed)
    {
        MonotonicTime due = KeepAliveAt;
        if (SilentFrom < due) due = SilentFrom;
        if (StuckFrom < due) due = StuckFrom;
        return !isUsed && UnusedFrom < due ? UnusedFrom : due;
    }

    private MonotonicTime KeepAliveAt => new MonotonicTime(Math.Max(Volatile.Read(ref _lastSent), _keptAliveAt)) + ConnectionLimits.KeepAlive;

    private MonotonicTime SilentFrom => new MonotonicTime(Volatile.Read(ref _lastHeard)) + ConnectionLimits.Silence;

    private MonotonicTime StuckFrom => Volatile.Read(ref _writeStarted) is >= 0 and var start ? new MonotonicTime(start) + ConnectionLimits.Silence : MonotonicTime.Never;

    private MonotonicTime UnusedFrom => new MonotonicTime(Volatile.Read(ref _lastUsed)) + ConnectionLimits.Unused;

    private MonotonicTime? DoubtFrom(MonotonicTime? owedSince)
    {
        long heard = Volatile.Read(ref _lastHeard);
        long due = owedSince?.Micros ?? long.MaxValue;
        if (Volatile.Read(ref _writeStarted) is >= 0 and var writing) due = Math.Min(due, writing);
        if (Volatile.Read(ref _lastServed) > heard) due = Math.Min(due, Volatile.Read(ref _servedSince));
        return due == long.MaxValue ? null : new MonotonicTime(Math.Max(heard, due)) + ConnectionLimits.Doubt;
    }
}
