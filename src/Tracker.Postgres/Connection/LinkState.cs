namespace CS3103P2P.Tracker.Postgres.Connection;

/// <summary>What is known of one connection to the database. Thread-safe.</summary>
internal sealed class LinkState(string name, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private long _changedAt = timeProvider.GetTimestamp();
    private string _trouble = "not connected yet";
    private bool _isUp;

    /// <summary>Whether the connection does its work.</summary>
    public bool IsUp
    {
        get
        {
            lock (_gate) return _isUp;
        }
    }

    /// <summary>The connection does its work.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Up()
    {
        lock (_gate)
        {
            if (_isUp) return false;
            (_isUp, _changedAt) = (true, timeProvider.GetTimestamp());
            return true;
        }
    }

    /// <summary>The connection is lost, or could not be made.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Down(string trouble)
    {
        lock (_gate)
        {
            bool wasUp = _isUp;
            if (wasUp) _changedAt = timeProvider.GetTimestamp();
            bool isNews = wasUp || _trouble != trouble;
            (_isUp, _trouble) = (false, trouble);
            return isNews;
        }
    }

    /// <summary>The state in words.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            int seconds = (int)timeProvider.GetElapsedTime(_changedAt).TotalSeconds;
            return _isUp ? $"{name} for {seconds} s" : $"not {name} for {seconds} s: {_trouble}";
        }
    }
}
