namespace CS3103P2P.Peer.Connectivity;

/// <summary>Knows when a connection last did what, and so when it is dead, flooding or unused.</summary>
internal sealed class ConnectionWatch
{
    private static readonly TimeSpan QuietAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMilliseconds(250);
    private readonly TimeProvider _time;
    private long _lastHeard;
    private long _lastSent;
    private long _lastUsed;
    private long _lastReport;
    private long _writeStarted;
    private long _lastServed;
    private long _lastDoubt;
    private long _dueSince;
    private volatile bool _isInDoubt;
    private double _frameCredit = ConnectionLimits.MaxFrameBurst;
    private long _frameCreditAt;
    private ulong _unixSeconds;
    private long _lastData;

    public ConnectionWatch(TimeProvider time)
    {
        _time = time;
        _lastHeard = _lastSent = _lastUsed = _lastReport = _frameCreditAt = time.GetTimestamp();
        _unixSeconds = (ulong)time.GetUtcNow().ToUnixTimeSeconds();
    }

    /// <summary>The time that frames carry; exact to a second or two.</summary>
    public ulong UnixSeconds => Volatile.Read(ref _unixSeconds);

    /// <summary>Whether no data has gone either way for a while, so that waiting should cost no memory.</summary>
    public bool IsQuiet => Volatile.Read(ref _lastData) is var last && (last == 0 || _time.GetElapsedTime(last) > QuietAfter);

    /// <summary>Notes that a frame has begun; false when there are too many of them, data aside, which only comes when asked for. Called by the reader.</summary>
    public bool NoteFrame(bool isData)
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _lastHeard, now);
        if (isData) return true;
        double earned = _time.GetElapsedTime(_frameCreditAt, now).TotalSeconds * ConnectionLimits.MaxFramesPerSecond;
        _frameCreditAt = now;
        _frameCredit = Math.Min(ConnectionLimits.MaxFrameBurst, _frameCredit + earned) - 1;
        return _frameCredit >= 0;
    }

    /// <summary>Notes that data has come. Called by the reader.</summary>
    public void NoteData()
    {
        long now = _time.GetTimestamp();
        _lastReport = now;
        Volatile.Write(ref _lastData, now);
        Volatile.Write(ref _lastHeard, now);
    }

    /// <summary>Notes that data went out, which the peer will answer in one way or another. Called by the writer.</summary>
    public void NoteServed() => Volatile.Write(ref _lastServed, _time.GetTimestamp());

    /// <summary>Whether something is due from the peer and has not come for <see cref="ConnectionLimits.Doubt"/>.</summary>
    public bool IsInDoubt => _isInDoubt;

    /// <summary>Looks at the clock; true when there is a doubt that is to be told.</summary>
    /// <param name="owesUs">Whether the peer has been asked for data.</param>
    public bool CheckDoubt(bool owesUs)
    {
        long now = _time.GetTimestamp();
        long heard = Volatile.Read(ref _lastHeard);
        bool isDue = owesUs || Volatile.Read(ref _writeStarted) != 0 || Volatile.Read(ref _lastServed) > heard;
        if (!isDue) _dueSince = 0;
        else if (_dueSince == 0) _dueSince = now;
        _isInDoubt = isDue && _time.GetElapsedTime(Math.Max(heard, _dueSince), now) >= ConnectionLimits.Doubt;
        if (!_isInDoubt || (_lastDoubt > heard && _time.GetElapsedTime(_lastDoubt, now) < ConnectionLimits.DoubtRepetition)) return false;
        _lastDoubt = now;
        return true;
    }

    /// <summary>Whether data that came slowly should be reported. Called by the reader.</summary>
    public bool IsReportDue() => _time.GetElapsedTime(_lastReport) >= ReportPeriod;

    public void NoteWriteStart() => Volatile.Write(ref _writeStarted, _time.GetTimestamp());

    public void NoteWriteEnd(bool isData)
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _writeStarted, 0);
        Volatile.Write(ref _lastSent, now);
        if (isData) Volatile.Write(ref _lastData, now);
    }

    /// <summary>Looks at the clock; says why the connection must end, or null.</summary>
    public string? Check(bool isUsed, out bool isKeepAliveDue)
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _unixSeconds, (ulong)_time.GetUtcNow().ToUnixTimeSeconds());
        isKeepAliveDue = _time.GetElapsedTime(Volatile.Read(ref _lastSent), now) >= ConnectionLimits.KeepAlive;
        if (isUsed) _lastUsed = now;
        long writing = Volatile.Read(ref _writeStarted);
        if (writing != 0 && _time.GetElapsedTime(writing, now) >= ConnectionLimits.Silence) return "it does not take what it is sent";
        if (_time.GetElapsedTime(Volatile.Read(ref _lastHeard), now) >= ConnectionLimits.Silence) return "it has been silent for too long";
        return _time.GetElapsedTime(_lastUsed, now) >= ConnectionLimits.Unused ? "it was not used" : null;
    }
}
