using System.Diagnostics;

namespace CS3103P2P.Interop.Support;

/// <summary>A program under test or beside it: its lines can be awaited, its input ended; disposing kills it.</summary>
internal sealed class LabProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _gate = new();
    private bool _disposed;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LabProgram(Process process) => _process = process;

    /// <summary>Everything printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_gate) return string.Join('\n', _lines);
        }
    }

    public static LabProgram Start(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var program = new LabProgram(new Process { StartInfo = start });
        program._process.OutputDataReceived += (_, line) => program.Add(line.Data);
        program._process.ErrorDataReceived += (_, line) => program.Add(line.Data);
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Waits for a line that contains the text; fails the test, with everything printed, when none comes.</summary>
    /// <param name="text">What the line contains.</param>
    /// <param name="limit">How long to wait; 30 s when null.</param>
    /// <param name="from">How many lines to skip.</param>
    /// <param name="others">Programs whose output explains a failure.</param>
    public async Task<string> WaitForLineAsync(string text, TimeSpan? limit = null, int from = 0, params LabProgram[] others)
    {
        using var deadline = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                string? found = _lines.Skip(from).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
                if (found is not null) return found;
                changed = _changed.Task;
            }

            await changed.WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (deadline.IsCancellationRequested) Assert.Fail($"No line with \"{text}\" came. Printed:\n{string.Join("\n--- by another:\n", others.Prepend(this).Select(program => program.Output))}");
        }
    }

    /// <summary>How many lines there are, to wait for later ones only.</summary>
    public int LineCount
    {
        get
        {
            lock (_gate) return _lines.Count;
        }
    }

    public void WriteInput(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Flush();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits until the program has ended by itself.</summary>
    public async Task WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _process.WaitForExitAsync(deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await WaitForExitAsync();
        _process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is null) return;
        lock (_gate)
        {
            _lines.Add(line);
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
