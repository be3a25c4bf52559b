using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Udp;

/// <summary>What the tracker has done since it started.</summary>
internal sealed class TrackerCounters
{
    private static readonly TrackerErrorCode[] Codes =
    [
        TrackerErrorCode.Malformed, TrackerErrorCode.Forbidden, TrackerErrorCode.NotFound, TrackerErrorCode.Conflict, TrackerErrorCode.TooMuch, TrackerErrorCode.Full,
    ];

    private readonly long[] _byCode = new long[Codes.Length];

    /// <summary>The kinds of requests, in the order of <see cref="RequestsByKind"/>: what makes no sense, the flags, the two further verbs.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["malformed", "1", "2", "3", "4", "5", "6", "7", "refresh", "rendezvous"];

    /// <summary>The error codes, in the order of <see cref="ErrorsByCode"/>.</summary>
    public static IReadOnlyList<TrackerErrorCode> ErrorCodes => Codes;

    /// <summary>Requests that were read, by <see cref="Kinds"/>.</summary>
    public long[] RequestsByKind { get; } = new long[10];

    /// <summary>Replies that were errors, by <see cref="ErrorCodes"/>.</summary>
    public IReadOnlyList<long> ErrorsByCode => _byCode;

    /// <summary>Datagrams received.</summary>
    public long Requests { get; set; }

    /// <summary>Replies made.</summary>
    public long Replies { get; set; }

    /// <summary>Replies that were errors.</summary>
    public long Errors { get; set; }

    /// <summary>Counts a request that was read.</summary>
    public void CountRequest(TrackerVerb verb, TrackerRequestKind flag, bool isMalformed)
    {
        int kind = isMalformed ? 0 : verb switch { TrackerVerb.Refresh => 8, TrackerVerb.Rendezvous => 9, _ => (int)flag };
        RequestsByKind[kind]++;
    }

    /// <summary>Counts an error reply by the three digits of its code.</summary>
    public void CountError(ReadOnlySpan<byte> digits)
    {
        Errors++;
        if (digits.Length < 3) return;
        int code = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + (digits[2] - '0');
        int at = Array.IndexOf(Codes, (TrackerErrorCode)code);
        if (at >= 0) _byCode[at]++;
    }

    /// <summary>Replies that asked for a cookie.</summary>
    public long Challenges { get; set; }

    /// <summary>Datagrams left unanswered because their source sent too many.</summary>
    public long Limited { get; set; }

    /// <summary>Connection offers forwarded.</summary>
    public long Forwarded { get; set; }
}
