using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CS3103P2P.NatLab;

/// <summary>The developer's lab: <c>up</c> keeps one running in the background, <c>down</c> ends it.</summary>
internal static class Program
{
    private const string Usage = $"""
        usage: lab up KIND[:OPTION,...]...   start a lab with one home a KIND, and the server s1 with two addresses
               lab status                    list its hosts
               lab shell HOST [COMMAND...]   a shell, or a command, on a host
               lab down                      stop it
               lab matrix {MatrixOptions.Help}
               lab roam {RoamCommand.Help}
               lab spoof {SpoofCommand.Help}
        options: {HomeSpec.Help}
        """;

    private const int Done = 0;
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const string Ready = "ready";
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(20);

    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            return arguments switch
            {
                ["up", _, ..] => await UpAsync(arguments[1..]).ConfigureAwait(false),
                ["serve", _, ..] => await ServeAsync(arguments[1..], isDevelopers: true).ConfigureAwait(false),
                ["hold", _, ..] => await ServeAsync(arguments[1..], isDevelopers: false).ConfigureAwait(false),
                ["matrix", ..] => await RunMatrixAsync(arguments[1..]).ConfigureAwait(false),
                ["roam", ..] => await RoamCommand.RunAsync(arguments[1..]).ConfigureAwait(false) is { } code ? code : Fail(WrongUsage, Usage),
                ["spoof", ..] => await SpoofCommand.RunAsync(arguments[1..]).ConfigureAwait(false) is { } code ? code : Fail(WrongUsage, Usage),
                ["status"] => Status(),
                ["down"] => await DownAsync().ConfigureAwait(false),
                ["namespace", var host] => ShowNamespace(host),
                _ => Fail(WrongUsage, $"{Usage}\nkinds: {string.Join(' ', NatKinds.All.Select(NatKinds.NameOf))}"),
            };
        }
        catch (Exception error) when (error is InvalidOperationException or IOException)
        {
            return Fail(Failed, error.Message);
        }
    }

    private static async Task<int> UpAsync(string[] specs)
    {
        if (LabState.TryLoad(out _)) return Fail(Failed, "A lab is up already; end it with: lab down");
        string[] self = [Environment.ProcessPath!, .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(Program).Assembly.Location] : Array.Empty<string>()];
        // A session of its own keeps the lab alive when the terminal closes.
        using var server = Process.Start(new ProcessStartInfo("setsid", [.. self, "serve", .. specs]) { RedirectStandardOutput = true })!;
        string? line = await server.StandardOutput.ReadLineAsync().ConfigureAwait(false);
        if (line == Ready) return Status();
        await server.WaitForExitAsync().ConfigureAwait(false);
        return server.ExitCode;
    }

    /// <summary>Holds a lab until a signal; prints one line once it is up. Other commands know only the developer's lab.</summary>
    private static async Task<int> ServeAsync(string[] specs, bool isDevelopers)
    {
        var homes = new List<HomeSpec>();
        foreach (string text in specs)
        {
            if (!HomeSpec.TryParse(text, out var spec)) return Fail(WrongUsage, $"Not a home: {text}\n{Usage}");
            homes.Add(spec);
        }
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        var lab = await Lab.CreateAsync().ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            await lab.AddServerAsync(addresses: 2).ConfigureAwait(false);
            foreach (var home in homes) await lab.AddHomeAsync(home.Kind, home.Options).ConfigureAwait(false);
            if (isDevelopers) LabState.Save(lab);
            await Console.Out.WriteLineAsync(Ready).ConfigureAwait(false);
            await stop.Task.ConfigureAwait(false);
            if (isDevelopers) LabState.Remove();
        }
        return Done;

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }

    private static async Task<int> RunMatrixAsync(string[] arguments) =>
        MatrixOptions.TryParse(arguments, out MatrixOptions? options) ? await MatrixCommand.RunAsync(options).ConfigureAwait(false) : Fail(WrongUsage, Usage);

    private static int Status()
    {
        if (!LabState.TryLoad(out var state)) return Fail(Failed, "No lab is up.");
        Console.Out.Write(state.Table);
        return Done;
    }

    private static int ShowNamespace(string host)
    {
        if (!LabState.TryLoad(out var state)) return Fail(Failed, "No lab is up.");
        if (state.FindNamespace(host) is not { } name) return Fail(Failed, $"No host {host}; see: lab status");
        Console.Out.WriteLine(name);
        return Done;
    }

    private static async Task<int> DownAsync()
    {
        if (!LabState.TryLoad(out var state)) return Fail(Failed, "No lab is up.");
        using var server = Process.GetProcessById(state.Pid);
        await Tool.RunAsync(null, "kill", ["-TERM", $"{state.Pid}"]).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(ShutdownPatience);
        try
        {
            await server.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            server.Kill();
            await Leftovers.SweepAsync().ConfigureAwait(false);
        }
        return Done;
    }

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
