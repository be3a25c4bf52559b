using System.Runtime.InteropServices;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;
using CS3103P2P.Tracker.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Primitives;

namespace CS3103P2P.Samples.Tracker;

/// <summary>One run of the console: settings, tracker, HTTP and OTLP beside it, changes of limits, and the end.</summary>
internal static class TrackerRun
{
    /// <summary>How long the end may take. A service manager kills after some time (systemd: 90 s); what is left then is not worth the wait.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    /// <summary>Runs until interrupted; the exit code.</summary>
    public static async Task<int> RunAsync(string? configFile, IReadOnlyDictionary<string, string?> commandLine, CancellationToken interrupted)
    {
        await Task.Yield();   // System.CommandLine waits at a signal only for a command that has returned its task; before, the program just ends
        try
        {
            IConfigurationRoot configuration = SettingsSources.Open(configFile, commandLine);
            TrackerSettings settings = TrackerSettings.Read(new SettingsReader(configuration));
            using ILoggerFactory loggers = CreateLoggers(settings);
            TrackerOptions options = settings.ToOptions(loggers);
            if (settings.Database is { } database) options.Replication = Open(database);
            return await RunAsync(configuration, settings, options, interrupted);
        }
        catch (TrackerException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is SettingsException or ArgumentException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.WrongUsage;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped before it had started.");
            return ExitCodes.Done;
        }
    }

    private static async Task<int> RunAsync(IConfigurationRoot configuration, TrackerSettings settings, TrackerOptions options, CancellationToken interrupted)
    {
        var status = new RunStatus(options.TimeProvider, settings.State is { } state ? $"starting: the snapshot {state} is loading" : "starting");
        await using HttpEndpoint? http = settings.Http is { } address ? await HttpEndpoint.StartAsync(address, status) : null;
        using OtlpExport? otlp = settings.Otlp is { } url ? OtlpExport.Start(url) : null;
        if (http is not null) Console.Error.WriteLine($"http: http://{http.Address}");
        await using TrackerServer server = await TrackerServer.StartAsync(options, interrupted);
        status.Server = server;
        foreach (TransportAddress listened in server.ListenAddresses) Console.Error.WriteLine($"tracker: {listened}");
        foreach (TransportAddress listened in server.StunAddresses) Console.Error.WriteLine($"stun: {listened}");
        if (server.RelayAddress is { } relayAddress) Console.Error.WriteLine($"relay: {relayAddress}");
        using (Watch(configuration, settings, server, options.LoggerFactory))
        {
            await WaitAsync(interrupted);
        }

        status.Stop();
        Console.Error.WriteLine("Stopping.");
        otlp?.Flush();
        try
        {
            await server.DisposeAsync().AsTask().WaitAsync(StopPatience, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Console.Error.WriteLine($"The tracker did not end within {StopPatience.TotalSeconds:F0} s.");
            Environment.Exit(ExitCodes.Failed);
        }

        Console.Error.WriteLine("Stopped.");
        return ExitCodes.Done;
    }

    // Reads the settings again when the file changes and at SIGHUP, and takes over the limits. Wrong ones change nothing.
    private static CompositeDisposable Watch(IConfigurationRoot configuration, TrackerSettings settings, TrackerServer server, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger("CS3103P2P.Tracker.Settings");
        var gate = new Lock();
        TrackerSettings present = settings;
        IDisposable changes = ChangeToken.OnChange(configuration.GetReloadToken, Take);
        PosixSignalRegistration? hangUp = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Reload(configuration, logger);
        });
        return new CompositeDisposable(changes, hangUp);

        void Take()
        {
            lock (gate)
            {
                try
                {
                    TrackerSettings told = TrackerSettings.Read(new SettingsReader(configuration));
                    if (!present.DiffersInLimitsAlone(told)) RunLog.NeedsRestart(logger);
                    TrackerSettings next = present.WithLimitsOf(told);
                    if (next == present) return;
                    server.ChangeLimits(next.ToOptions(loggers));
                    present = next;
                }
                catch (Exception e) when (e is SettingsException or ArgumentException)
                {
                    RunLog.SettingsRejected(logger, e.Message);
                }
            }
        }
    }

    private static void Reload(IConfigurationRoot configuration, ILogger logger)
    {
        try
        {
            RunLog.Reading(logger);
            configuration.Reload();
        }
        catch (Exception e) when (SettingsSources.IsUnreadable(e))
        {
            RunLog.SettingsRejected(logger, (e.InnerException ?? e).Message);
        }
    }

    private static PostgresRegistry Open(string database)
    {
        try
        {
            return new PostgresRegistry(new PostgresRegistryOptions { ConnectionString = database });
        }
        catch (ArgumentException e)
        {
            throw new SettingsException($"registry is not valid: {e.Message}");
        }
    }

    private static async Task WaitAsync(CancellationToken interrupted)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = interrupted.Register(() => ended.TrySetResult());
        await ended.Task;
    }

    private static ILoggerFactory CreateLoggers(TrackerSettings settings) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(settings.LogLevel);
        switch (settings.LogFormat)
        {
            case LogFormat.Json: builder.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "O")); break;
            case LogFormat.Systemd: builder.AddSystemdConsole(); break;
            default: builder.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss ")); break;
        }

        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });

    private sealed class CompositeDisposable(params IDisposable?[] parts) : IDisposable
    {
        public void Dispose()
        {
            foreach (IDisposable? part in parts) part?.Dispose();
        }
    }
}
