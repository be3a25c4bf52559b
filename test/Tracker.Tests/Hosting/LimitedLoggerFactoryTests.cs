using CS3103P2P.Tracker.Hosting;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Tests.Hosting;

[TestClass]
public sealed class LimitedLoggerFactoryTests
{
    private readonly HandClock _clock = new();
    private readonly CountingFactory _inner = new();

    [TestMethod]
    public void Log_AFloodOfOneKind_LetsFewLinesThroughAndTellsHowManyNot()
    {
        ILogger logger = new LimitedLoggerFactory(_inner, _clock).CreateLogger("c");
        for (int i = 0; i < 10_000; i++) TrackerLog.RequestsRefused(logger, i, 10, "malformed");
        Assert.HasCount(LimitedLoggerFactory.MaxLines, _inner.Lines);
        TrackerLog.SnapshotsGoOn(logger, "/other");
        Assert.Contains("/other", _inner.Lines[^1], "Another kind must not suffer.");

        _clock.Advance(LimitedLoggerFactory.Period);
        TrackerLog.RequestsRefused(logger, 1, 10, "malformed");
        Assert.HasCount(LimitedLoggerFactory.MaxLines + 3, _inner.Lines);
        Assert.StartsWith($"{10_000 - LimitedLoggerFactory.MaxLines} lines", _inner.Lines[^2]);
    }

    [TestMethod]
    public void Log_BelowTheLeastLevel_CountsNothing()
    {
        ILogger logger = new LimitedLoggerFactory(_inner, _clock).CreateLogger("c");
        for (int i = 0; i < 1_000; i++) logger.Log(LogLevel.Trace, default, "x", null, (text, _) => text);
        Assert.IsEmpty(_inner.Lines);
    }

    private sealed class HandClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }

    private sealed class CountingFactory : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
