using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class ListLogger : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Message, Exception? Exception)> _entries = new();

    public IEnumerable<(LogLevel Level, string Message, Exception? Exception)> Entries => _entries;

    public IEnumerable<(LogLevel Level, string Message, Exception? Exception)> Errors => _entries.Where(e => e.Level >= LogLevel.Error);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, formatter(state, exception), exception));
}
