using System.Diagnostics;

namespace CS3103P2P.NatLab;

/// <summary>Runs a system program to its end, in a namespace or (null) in the caller's.</summary>
internal static class Tool
{
    public static Task ConfigureAsync(NamespaceThread? where, IEnumerable<string> commands) =>
        RunAsync(where, "ip", ["-force", "-batch", "-"], string.Join('\n', commands) + "\n");

    public static Task LoadRulesAsync(NamespaceThread where, string rules) => RunAsync(where, "nft", ["-f", "-"], rules);

    public static async Task RunAsync(NamespaceThread? where, string program, string[] arguments, string input = "")
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A child starts in the namespace of the thread that forks it.
        using var process = where is null ? Start(info) : where.Run(() => Start(info));
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
        process.StandardInput.Close();
        await process.WaitForExitAsync().ConfigureAwait(false);
        await output.ConfigureAwait(false);
        string message = await errors.ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {message}\n{input}");
    }

    private static Process Start(ProcessStartInfo info) =>
        Process.Start(info) ?? throw new InvalidOperationException($"{info.FileName} did not start.");
}
