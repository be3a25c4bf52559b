using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.Simulation.Tests;

/// <summary>Runs the simulator in a process of its own, whose thread pool has the single worker that makes runs repeatable.</summary>
internal static class Simulator
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        string assembly = typeof(CommandLine).Assembly.Location;
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process.StartInfo.ArgumentList.Add(assembly);
        foreach (string argument in arguments) process.StartInfo.ArgumentList.Add(argument);
        process.Start();
        using var timeout = new CancellationTokenSource(Limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The simulator did not end: {string.Join(' ', arguments)}");
        }

        return (process.ExitCode, await output + await errors);
    }

    public static string Range(int first, int count) => string.Create(CultureInfo.InvariantCulture, $"{first}..{first + count - 1}");
}
