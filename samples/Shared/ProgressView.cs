using System.Globalization;
using CS3103P2P.Peer;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CS3103P2P.Samples;

/// <summary>Shows a running transfer: a bar on a terminal, a line now and then elsewhere, an event a line with <c>--json</c>.</summary>
internal sealed class ProgressView : IProgress<DownloadProgress>, IProgress<HashProgress>, IDisposable
{
    private static readonly TimeSpan BarPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LinePeriod = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EventPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly bool _json;
    private readonly IAnsiConsole? _terminal;
    private readonly TimeSpan _period;
    private long _lastShown;
    private bool _barShown;

    public ProgressView(bool json)
    {
        _json = json;
        if (!json && !Console.IsErrorRedirected) _terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        _period = json ? EventPeriod : _terminal is null ? LinePeriod : BarPeriod;
        _lastShown = TimeProvider.System.GetTimestamp() - (_terminal is null ? 0 : TimeProvider.System.TimestampFrequency);
    }

    void IProgress<HashProgress>.Report(HashProgress value)
    {
        if (!IsDue(isLast: false)) return;
        if (_json)
        {
            JsonEvents.Write("hashing", ("hashedBytes", value.BytesDone), ("totalBytes", value.BytesTotal));
            return;
        }

        Show(value.BytesDone, value.BytesTotal, $"hashing {Units.Bytes(value.BytesDone)} of {Units.Bytes(value.BytesTotal)}");
    }

    void IProgress<DownloadProgress>.Report(DownloadProgress value)
    {
        if (!IsDue(isLast: value.VerifiedBytes == value.TotalBytes)) return;
        if (_json)
        {
            JsonEvents.Write(
                "progress",
                ("verifiedBytes", value.VerifiedBytes),
                ("totalBytes", value.TotalBytes),
                ("fetchedBytes", value.FetchedBytes),
                ("bytesPerSecond", value.BytesPerSecond),
                ("peers", value.ConnectedPeers),
                ("way", value.LastTransport),
                ("secondsLeft", value.TimeLeft));
            return;
        }

        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Units.Bytes(value.VerifiedBytes)} of {Units.Bytes(value.TotalBytes)}  {Units.Rate(value.BytesPerSecond)}  {value.ConnectedPeers} peers  {Units.Time(value.TimeLeft)} left");
        Show(value.VerifiedBytes, value.TotalBytes, text);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_barShown) Console.Error.WriteLine();
            _barShown = false;
        }
    }

    private bool IsDue(bool isLast)
    {
        lock (_gate)
        {
            if (!isLast && TimeProvider.System.GetElapsedTime(_lastShown) < _period) return false;
            _lastShown = TimeProvider.System.GetTimestamp();
            return true;
        }
    }

    private void Show(long done, long total, string text)
    {
        double share = total == 0 ? 1 : (double)done / total;
        lock (_gate)
        {
            if (_terminal is null)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{share,4:P0}  {text}"));
                return;
            }

            // One line drawn over and over: what else is logged meanwhile stays readable above it.
            int barWidth = Math.Clamp(_terminal.Profile.Width - text.Length - 10, 5, 40);
            int filled = (int)(share * barWidth);
            IRenderable line = new Markup($"\r[green]{new string('━', filled)}[/][grey]{new string('━', barWidth - filled)}[/] {share,4:P0}  {Markup.Escape(text)}  ");
            _terminal.Write(line);
            _barShown = true;
        }
    }
}
