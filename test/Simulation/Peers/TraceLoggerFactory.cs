using Microsoft.Extensions.Logging;

namespace CS3103P2P.Simulation;

/// <summary>Gives all parts of a program the same logger.</summary>
internal sealed class TraceLoggerFactory(TraceLogger logger) : ILoggerFactory
{
    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => logger;

    public void Dispose()
    {
    }
}
