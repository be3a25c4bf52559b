namespace CS3103P2P.Transport.Utp;

/// <summary>
/// One-way queuing delay from timestamps of clocks that are neither synchronised nor of equal speed (RFC 6817 §3.4, §4.5): the
/// present delay is the least of the last few samples, the base delay the least of the last ten minutes kept by the minute, so that
/// drift ages out. Timestamps wrap at 32 bits; all comparisons are by signed difference.
/// </summary>
internal sealed class DelayHistory
{
    private const int BaseHistoryMinutes = 10;
    private const int CurrentFilterSamples = 4;
    private const long MinuteMicros = 60_000_000;

    private readonly uint[] _baseByMinute = new uint[BaseHistoryMinutes];
    private readonly uint[] _current = new uint[CurrentFilterSamples];
    private int _minutes;
    private int _currentCount;
    private int _currentAt;
    private MonotonicTime _minuteStart;
    private uint _base;

    public bool HasSamples => _minutes > 0;

    /// <summary>The base delay as the peer's clock shows it; meaningful only as a difference.</summary>
    public uint BaseMicros => _base;

    /// <summary>Takes a sample of receive time minus send time and returns the queuing delay in microseconds, 0 or more.</summary>
    public int HandleSample(MonotonicTime now, uint delayMicros)
    {
        if (_minutes == 0)
        {
            _minutes = 1;
            _minuteStart = now;
            _baseByMinute[0] = _base = delayMicros;
        }
        else if ((now - _minuteStart).TotalMicroseconds >= MinuteMicros)
        {
            StartMinute(now, delayMicros);
        }
        else if (IsLess(delayMicros, _baseByMinute[0]))
        {
            _baseByMinute[0] = delayMicros;
            if (IsLess(delayMicros, _base)) _base = delayMicros;
        }

        _current[_currentAt] = delayMicros;
        _currentAt = (_currentAt + 1) % CurrentFilterSamples;
        _currentCount = Math.Min(_currentCount + 1, CurrentFilterSamples);
        uint least = delayMicros;
        for (int i = 0; i < _currentCount; i++)
        {
            if (IsLess(_current[i], least)) least = _current[i];
        }

        return Math.Max(0, (int)(least - _base));
    }

    /// <summary>Moves the base delay when the reverse direction shows that the peer's clock runs slower than ours.</summary>
    public void ShiftBase(int micros)
    {
        for (int i = 0; i < _minutes; i++) _baseByMinute[i] += (uint)micros;
        _base += (uint)micros;
    }

    /// <summary>Forgets what was learnt on another path.</summary>
    public void Reset() => _minutes = _currentCount = _currentAt = 0;

    private static bool IsLess(uint left, uint right) => (int)(left - right) < 0;

    private void StartMinute(MonotonicTime now, uint delayMicros)
    {
        Array.Copy(_baseByMinute, 0, _baseByMinute, 1, BaseHistoryMinutes - 1);
        _baseByMinute[0] = delayMicros;
        _minutes = Math.Min(_minutes + 1, BaseHistoryMinutes);
        _minuteStart = now;
        _base = delayMicros;
        for (int i = 1; i < _minutes; i++)
        {
            if (IsLess(_baseByMinute[i], _base)) _base = _baseByMinute[i];
        }
    }
}
