namespace CS3103P2P.Tracker.Udp;

/// <summary>What the tracker has done since it started.</summary>
internal sealed class TrackerCounters
{
    /// <summary>Datagrams received.</summary>
    public long Requests { get; set; }

    /// <summary>Replies made.</summary>
    public long Replies { get; set; }

    /// <summary>Replies that were errors.</summary>
    public long Errors { get; set; }

    /// <summary>Replies that asked for a cookie.</summary>
    public long Challenges { get; set; }

    /// <summary>Datagrams left unanswered because their source sent too many.</summary>
    public long Limited { get; set; }

    /// <summary>Connection offers forwarded.</summary>
    public long Forwarded { get; set; }
}
