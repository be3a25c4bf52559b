using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CS3103P2P.Simulation.Tests;

/// <summary>A simulator that runs one command after another.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly Task<string> _errors;

    public SimulatorProcess()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { typeof(CommandLine).Assembly.Location, "serve" },
        };
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public async Task<(int ExitCode, string Output)> RunAsync(string[] arguments)
    {
        var output = new StringBuilder();
        using var timeout = new CancellationTokenSource(Limit);
        try
        {
            await _process.StandardInput.WriteLineAsync(string.Join('\t', arguments).AsMemory(), timeout.Token);
            await _process.StandardInput.FlushAsync(timeout.Token);
            while (await _process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                if (line.StartsWith(CommandLine.ServedMark, StringComparison.Ordinal))
                    return (int.Parse(line.AsSpan(CommandLine.ServedMark.Length), CultureInfo.InvariantCulture), output.ToString());
                output.Append(line).Append('\n');
            }
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"The simulator did not end: {string.Join(' ', arguments)}\n{output}");
        }

        await _process.WaitForExitAsync();
        Assert.Fail($"The simulator ended with code {_process.ExitCode}: {string.Join(' ', arguments)}\n{output}{await _errors}");
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
