using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>
/// Lets through at most <see cref="MaxLines"/> lines of one kind in <see cref="Period"/>, whatever is thrown at the tracker; the next line of that kind
/// tells how many were left out. A kind is a category and an event, or without an event the text before its values are put in.
/// </summary>
internal sealed class LimitedLoggerFactory(ILoggerFactory inner, TimeProvider timeProvider) : ILoggerFactory
{
    /// <summary>Most lines of a kind in a period.</summary>
    public const int MaxLines = 20;

    /// <summary>How long the count runs.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private const int MaxKinds = 1_000;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LimitedLogger(inner.CreateLogger(categoryName), timeProvider);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>The loggers below are their owner's to end.</summary>
    public void Dispose()
    {
    }

    private sealed class LimitedLogger(ILogger inner, TimeProvider timeProvider) : ILogger
    {
        private readonly ConcurrentDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);
        private readonly Kind _others = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!inner.IsEnabled(logLevel)) return;
            if (!Find(eventId, state).TryCount(timeProvider, out long suppressed)) return;
            if (suppressed > 0) TrackerLog.Suppressed(inner, suppressed);
            inner.Log(logLevel, eventId, state, exception, formatter);
        }

        private Kind Find<TState>(EventId eventId, TState state)
        {
            string name = eventId.Name ?? TemplateOf(state);
            if (_kinds.TryGetValue(name, out Kind? kind)) return kind;
            return _kinds.Count >= MaxKinds ? _others : _kinds.GetOrAdd(name, _ => new Kind());
        }

        private static string TemplateOf<TState>(TState state) =>
            state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } values && values[^1] is { Key: "{OriginalFormat}", Value: string template } ? template : string.Empty;
    }

    private sealed class Kind
    {
        private readonly Lock _gate = new();
        private long _begun;
        private int _lines = -1;
        private long _suppressed;

        public bool TryCount(TimeProvider timeProvider, out long suppressed)
        {
            lock (_gate)
            {
                suppressed = 0;
                if (_lines < 0 || timeProvider.GetElapsedTime(_begun) >= Period) (_begun, _lines) = (timeProvider.GetTimestamp(), 0);
                if (_lines >= MaxLines)
                {
                    _suppressed++;
                    return false;
                }

                _lines++;
                (suppressed, _suppressed) = (_suppressed, 0);
                return true;
            }
        }
    }
}
