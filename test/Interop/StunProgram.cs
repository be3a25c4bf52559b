using System.Diagnostics;
using System.Text;

namespace CS3103P2P.Interop;

/// <summary>A Debian program that a test runs beside our code; ended, at the latest, with the test.</summary>
internal sealed class StunProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();

    private StunProgram(Process process) => _process = process;

    /// <summary>What it has printed so far, on both outputs.</summary>
    public string Output
    {
        get
        {
            lock (_gate) return _output.ToString();
        }
    }

    /// <summary>Starts a program, or ends the test as inconclusive when it is not installed.</summary>
    public static StunProgram Start(string name, params string[] arguments)
    {
        string path = Path.Combine("/usr/bin", name);
        if (!File.Exists(path)) Assert.Inconclusive($"{name} is not installed.");
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(path, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            },
        };
        var program = new StunProgram(process);
        process.OutputDataReceived += program.Append;
        process.ErrorDataReceived += program.Append;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Waits for its end and gives what it printed.</summary>
    public async Task<string> FinishAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{_process.StartInfo.FileName} did not end within {limit}.\n{Output}");
        }

        return Output;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Append(object sender, DataReceivedEventArgs line)
    {
        lock (_gate) _output.AppendLine(line.Data);
    }
}
