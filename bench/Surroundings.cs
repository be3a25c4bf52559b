using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CS3103P2P.Bench;

/// <summary>Where and what was measured: figures mean nothing without it.</summary>
internal static class Surroundings
{
    public static void PrintHeading(string name)
    {
        Console.WriteLine($"\n## {name}");
        Console.WriteLine($"Commit {Output("git", "rev-parse", "--short", "HEAD") ?? "unknown"}, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; {Environment.ProcessorCount} x {Processor()}; "
            + $"{RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}; load {Load()} before the start.");
    }

    /// <summary>What a program prints; null when it is not installed or fails.</summary>
    public static string? Output(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null) return null;
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        if (!File.Exists(CpuInfo)) return RuntimeInformation.ProcessArchitecture.ToString();
        string? line = File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
