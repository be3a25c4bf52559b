using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace CS3103P2P.Consoles.Tests;

/// <summary>One of the consoles, run as a person runs it: arguments in, lines out, signals, an exit code.</summary>
internal sealed class ConsoleProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string SamplesOutput = typeof(ConsoleProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "SamplesOutput").Value!;

    /// <summary>Where the repository is.</summary>
    public static readonly string RepositoryRoot = SamplesOutput[..SamplesOutput.IndexOf("samples/FOLDER", StringComparison.Ordinal)];

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _output = [];
    private readonly StringBuilder _error = new();
    private readonly Task _pumps;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    private ConsoleProcess(string folder, string name, string workingDirectory, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(SamplesOutput.Replace("FOLDER", folder).Replace("NAME", name));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
        _process.StandardInput.Close();
        _pumps = Task.WhenAll(PumpAsync(_process.StandardOutput, isError: false), PumpAsync(_process.StandardError, isError: true));
    }

    /// <summary>What the process wrote to standard error so far.</summary>
    public string ErrorText
    {
        get
        {
            lock (_gate) return _error.ToString();
        }
    }

    /// <summary>What the process wrote to standard output so far.</summary>
    public string OutputText
    {
        get
        {
            lock (_gate) return string.Join('\n', _output);
        }
    }

    public static ConsoleProcess Peer(string workingDirectory, params string[] arguments) => new("Peer", "p2p-peer", workingDirectory, arguments);

    public static ConsoleProcess Tracker(string workingDirectory, params string[] arguments) => new("Tracker", "p2p-tracker", workingDirectory, arguments);

    public static ConsoleProcess Demo(string workingDirectory, params string[] arguments) => new("Demo", "Demo", workingDirectory, arguments);

    public static ConsoleProcess Embedding(string workingDirectory, params string[] arguments) => new("Embedding", "Embedding", workingDirectory, arguments);

    /// <summary>Waits for the first line, of output or error, that contains the text.</summary>
    public Task<string> WaitForLineAsync(string text) =>
        WaitForAsync(lines => lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)), $"a line with `{text}`");

    /// <summary>Waits for the first JSON event on standard output that satisfies the condition, or for the nth.</summary>
    public async Task<JsonElement> WaitForEventAsync(string name, Func<JsonElement, bool>? condition = null, int nth = 1)
    {
        string line = await WaitForAsync(
            lines => lines.Where(IsEvent).Skip(nth - 1).FirstOrDefault(), $"{nth} times the event {name}");
        return JsonDocument.Parse(line).RootElement;

        bool IsEvent(string text) =>
            text.StartsWith('{')
            && JsonDocument.Parse(text).RootElement is { } e
            && e.GetProperty("event").GetString() == name
            && (condition is null || condition(e));
    }

    /// <summary>The JSON events on standard output so far.</summary>
    public IReadOnlyList<JsonElement> EventsSoFar()
    {
        lock (_gate) return [.. _output.Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>Waits until the process has ended and its output is read; the exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? Patience);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The process did not end.\n{Transcript()}");
        }

        await _pumps;
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: no handler runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGINT, as Ctrl-C sends it.</summary>
    public void Interrupt() => Signal("INT");

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public void Terminate() => Signal("TERM");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        await _pumps;
        _process.Dispose();
    }

    /// <summary>Everything that the process wrote, for a failure's message.</summary>
    public string Transcript() => $"--- output\n{OutputText}\n--- error\n{ErrorText}";

    private async Task<string> WaitForAsync(Func<IReadOnlyList<string>, string?> find, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            Task news;
            bool ended;
            lock (_gate)
            {
                if (find([.. _output, .. _error.ToString().Split('\n')]) is { } found) return found;
                news = _news.Task;
                ended = _ended;
            }

            TimeSpan left = Patience - Stopwatch.GetElapsedTime(started);
            if (ended || left <= TimeSpan.Zero || await Task.WhenAny(news, Task.Delay(left)) != news)
            {
                Assert.Fail($"The process did not print {what}{(ended ? " before it ended" : string.Empty)}.\n{Transcript()}");
            }
        }
    }

    private async Task PumpAsync(StreamReader reader, bool isError)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                if (isError) _error.Append(line).Append('\n');
                else _output.Add(line);
                Announce();
            }
        }

        lock (_gate)
        {
            _ended |= !isError;
            Announce();
        }
    }

    private void Announce()
    {
        TaskCompletionSource news = _news;
        _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        news.SetResult();
    }

    private void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
