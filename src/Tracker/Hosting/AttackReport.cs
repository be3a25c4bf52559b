using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Says every ten seconds, in a line a kind, what was left unanswered or refused: however much that was, the log grows by a few lines.</summary>
internal sealed class AttackReport : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    // A peer with a bug or an old cookie makes a few of these; that is no news.
    private const long MinErrors = 100;

    private readonly TrackerCounters _counters;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly long[] _errors;
    private long _limited;

    public AttackReport(TrackerCounters counters, ILogger logger, TimeProvider timeProvider)
    {
        _counters = counters;
        _logger = logger;
        _errors = new long[TrackerCounters.ErrorCodes.Count];
        _timer = timeProvider.CreateTimer(_ => Report(), null, Period, Period);
    }

    public void Dispose() => _timer.Dispose();

    private void Report()
    {
        long limited = _counters.Limited - _limited;
        _limited += limited;
        if (limited > 0) TrackerLog.RequestsLimited(_logger, limited, Period.TotalSeconds);
        for (int i = 0; i < _errors.Length; i++)
        {
            long errors = _counters.ErrorsByCode[i] - _errors[i];
            _errors[i] += errors;
            if (errors >= MinErrors) TrackerLog.RequestsRefused(_logger, errors, Period.TotalSeconds, Reason(TrackerCounters.ErrorCodes[i]));
        }
    }

    private static string Reason(TrackerErrorCode code) => code switch
    {
        TrackerErrorCode.Malformed => "malformed",
        TrackerErrorCode.Forbidden => "not the sender's own address, or not registered",
        TrackerErrorCode.NotFound => "no such peer",
        TrackerErrorCode.Conflict => "contradicts itself, or too many contents of one name",
        TrackerErrorCode.TooMuch => "more than one source may register",
        _ => "the tracker is full",
    };
}
