using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Samples.Peer;

/// <summary>Log lines on standard error, written in the background. The console logger of the extensions sets up a container first, for each start anew.</summary>
internal sealed class ErrorOutputLog : ILoggerFactory
{
    private const int MaxWaitingLines = 4_096;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxWaitingLines) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly LogLevel _least;
    private readonly Task _writing;

    /// <param name="least">What is less is not written.</param>
    public ErrorOutputLog(LogLevel least)
    {
        _least = least;
        _writing = Task.Run(WriteAsync);
    }

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one place to write to.");

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writing.Wait();
    }

    private async Task WriteAsync()
    {
        await foreach (string line in _lines.Reader.ReadAllAsync().ConfigureAwait(false)) await Console.Error.WriteLineAsync(line).ConfigureAwait(false);
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    private sealed class Category(ErrorOutputLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log._least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            string time = DateTime.Now.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
            string text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}";
            log._lines.Writer.TryWrite($"{time} {NameOf(logLevel)}: {name}[{eventId.Id}] {text.ReplaceLineEndings(" ")}");
        }
    }
}
