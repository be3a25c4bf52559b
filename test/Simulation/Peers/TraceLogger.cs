using CS3103P2P.Peer;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Simulation;

/// <summary>Writes what the product logs to the trace; an error that is not the disk's is a violation.</summary>
internal sealed class TraceLogger(World world, string who) : ILogger
{
    /// <summary>The program died: what its remains say is of no interest.</summary>
    public bool IsSilent { get; set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => !IsSilent && (world.Trace.IsWritten || logLevel is LogLevel.Information or >= LogLevel.Error);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        if (world.Trace.IsWritten) world.Trace.Note(who, formatter(state, exception));
        if (logLevel == LogLevel.Information) NoteLostConsent(state);
        if (logLevel >= LogLevel.Error && exception is not null and not StorageException) world.Violate("no exception escapes", $"{who}: {exception}");
    }

    // "The connection to {Peer} ended: {Failure}".
    private void NoteLostConsent<TState>(TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } values) return;
        if (values[0].Value is PeerId remote && values[1].Value is IceFailure { Reason: IceFailureReason.ConsentLost }) world.ConsentLost?.Invoke(who, remote);
    }
}
