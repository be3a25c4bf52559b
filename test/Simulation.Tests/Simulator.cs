using System.Collections.Concurrent;
using System.Globalization;

namespace CS3103P2P.Simulation.Tests;

/// <summary>
/// Runs the simulator in processes of its own, whose thread pool has the single worker that makes runs repeatable. Such a process needs seconds until its code
/// is compiled, so it serves one test after another.
/// </summary>
[TestClass]
public static class Simulator
{
    private static readonly ConcurrentBag<SimulatorProcess> Idle = [];

    /// <summary>Runs a command in any process.</summary>
    internal static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        if (!Idle.TryTake(out SimulatorProcess? process)) process = new SimulatorProcess();
        (int, string) result;
        try
        {
            result = await process.RunAsync(arguments);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        Idle.Add(process);
        return result;
    }

    /// <summary>Runs a command in a process that has run nothing before.</summary>
    internal static async Task<(int ExitCode, string Output)> RunInNewProcessAsync(params string[] arguments)
    {
        await using var process = new SimulatorProcess();
        return await process.RunAsync(arguments);
    }

    internal static string Range(int first, int count) => string.Create(CultureInfo.InvariantCulture, $"{first}..{first + count - 1}");

    [AssemblyCleanup]
    public static async Task EndAsync()
    {
        while (Idle.TryTake(out SimulatorProcess? process)) await process.DisposeAsync();
    }
}
