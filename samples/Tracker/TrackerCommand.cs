using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CS3103P2P.Samples.Tracker;

/// <summary>The command line of the tracker.</summary>
internal static class TrackerCommand
{
    private const int StunPort = 3478;

    public static RootCommand Create()
    {
        Option<TransportAddress[]> listen = AddressOption("--listen", TrackerLimits.DefaultTrackerPort, "Where to answer peers; may be repeated. Default: every address, port 80.");
        Option<TransportAddress[]> stun = AddressOption("--stun", StunPort, "Where to answer STUN too; may be repeated. Default: nowhere.");
        Option<TransportAddress[]> relay = AddressOption("--relay", StunPort, "Where to relay between peers that cannot reach each other (TURN, UDP and TCP). Default: nowhere.");
        relay.Arity = ArgumentArity.ExactlyOne;
        var publicAddress = new Option<IPAddress?>("--public-address")
        {
            Description = "The IPv4 address at which peers reach the relay; needed when --relay is every address, or behind a NAT.",
            HelpName = "IP",
            CustomParser = ReadPublicAddress,
        };
        Option<TrackerReplication?> registry = RegistryOption.Create();
        var verbose = new Option<bool>("--verbose") { Description = "Log more, to standard error." };
        var root = new RootCommand("Tells peers which other peers have what they look for.") { listen, stun, relay, publicAddress, registry, verbose };
        root.SetAction((parsed, interrupted) =>
        {
            var options = new TrackerOptions { PublicAddress = parsed.GetValue(publicAddress), Replication = parsed.GetValue(registry) };
            foreach (TransportAddress address in parsed.GetValue(listen) ?? []) options.Listen.Add(address);
            foreach (TransportAddress address in parsed.GetValue(stun) ?? []) options.Stun.Add(address);
            if (parsed.GetValue(relay) is [var at]) options.Relay = at;
            return RunAsync(options, parsed.GetValue(verbose), interrupted);
        });
        return root;
    }

    private static Option<TransportAddress[]> AddressOption(string name, ushort defaultPort, string description) => new(name)
    {
        Description = description,
        HelpName = "IP[:PORT]",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => ReadAddress(result, name, token.Value, defaultPort))],
    };

    private static TransportAddress ReadAddress(ArgumentResult result, string name, string text, ushort defaultPort)
    {
        // Port 0, a free port, has no place on the wire, so the parser of the wire's form refuses it.
        bool isFree = text.EndsWith(":0", StringComparison.Ordinal) && !text.EndsWith("::0", StringComparison.Ordinal);
        if (TransportAddress.TryParse(isFree ? text[..^2] : text, isFree ? (ushort)0 : defaultPort, out TransportAddress address)) return address;
        result.AddError($"{name} takes IP[:PORT], for example 0.0.0.0:{defaultPort} or [::]:{defaultPort}, not '{text}'.");
        return default;
    }

    private static IPAddress? ReadPublicAddress(ArgumentResult result)
    {
        if (IPAddress.TryParse(result.Tokens[0].Value, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork) return address;
        result.AddError($"--public-address takes an IPv4 address, not '{result.Tokens[0].Value}'.");
        return null;
    }

    private static async Task<int> RunAsync(TrackerOptions options, bool verbose, CancellationToken interrupted)
    {
        using ILoggerFactory loggers = CreateLoggers(verbose ? LogLevel.Debug : LogLevel.Warning);
        options.LoggerFactory = loggers;
        try
        {
            await using TrackerServer server = await TrackerServer.StartAsync(options, interrupted);
            foreach (TransportAddress address in server.ListenAddresses) Console.Error.WriteLine($"tracker: {address}");
            foreach (TransportAddress address in server.StunAddresses) Console.Error.WriteLine($"stun: {address}");
            if (server.RelayAddress is { } relayAddress) Console.Error.WriteLine($"relay: {relayAddress}");
            await WaitAsync(interrupted);
            Console.Error.WriteLine("Stopped.");
            return ExitCodes.Done;
        }
        catch (TrackerException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.WrongUsage;
        }
    }

    private static async Task WaitAsync(CancellationToken interrupted)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = interrupted.Register(() => ended.TrySetResult());
        await ended.Task;
    }

    private static ILoggerFactory CreateLoggers(LogLevel least) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(least);
        builder.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
