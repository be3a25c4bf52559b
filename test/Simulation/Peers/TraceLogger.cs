using CS3103P2P.Peer;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Simulation;

/// <summary>Writes what the product logs to the trace; an error that is not the disk's is a violation.</summary>
internal sealed class TraceLogger(World world, string who) : ILogger
{
    /// <summary>The program died: what its remains say is of no interest.</summary>
    public bool IsSilent { get; set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => !IsSilent && (world.Trace.IsWritten || logLevel >= LogLevel.Error);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        world.Trace.Note(who, formatter(state, exception));
        if (logLevel >= LogLevel.Error && exception is not null and not StorageException) world.Violate("no exception escapes", $"{who}: {exception}");
    }
}
