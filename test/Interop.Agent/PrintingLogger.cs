using Microsoft.Extensions.Logging;

namespace CS3103P2P.Interop.Agent;

/// <summary>Prints what the product logs, so that a test which fails shows it.</summary>
internal sealed class PrintingLogger : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) Console.Out.WriteLine($"{TimeProvider.System.GetUtcNow():mm:ss.fff} {logLevel}: {formatter(state, exception)} {exception}");
    }
}
