using System.CommandLine;
using CS3103P2P.Peer;

namespace CS3103P2P.Samples.Peer;

/// <summary>Runs a command with a node, and turns how it ended into a message and an exit code.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(
        CommonOptions common, ParseResult parsed, Func<PeerNode, CancellationToken, Task<int>> body, CancellationToken interrupted, Action<PeerNodeOptions>? adjust = null)
    {
        bool json = common.IsJson(parsed);
        return await GuardAsync(
            json,
            async () =>
            {
                PeerNodeOptions options = common.ToNodeOptions(parsed);
                adjust?.Invoke(options);
                using var loggers = options.LoggerFactory;
                await using PeerNode node = await PeerNode.StartAsync(options, interrupted);
                if (json) node.PathChanged += path => JsonEvents.Write("path", ("peer", path.Peer), ("kind", NameOf(path.Kind)), ("address", path.Address));
                if (json) node.ConnectFailed += FailureEvents.Write;
                return await body(node, interrupted);
            },
            interrupted);
    }

    /// <summary>The same for what needs no node.</summary>
    public static async Task<int> GuardAsync(bool json, Func<Task<int>> body, CancellationToken interrupted)
    {
        await Task.Yield();   // System.CommandLine waits at a signal only for a command that has returned its task; before, the program just ends
        try
        {
            return await body();
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return Fail(json, ExitCodes.Interrupted, "interrupted", "Interrupted; what was verified is kept, and the same command goes on from there.");
        }
        catch (UsageException e)
        {
            return Fail(json, ExitCodes.WrongUsage, "usage", e.Message);
        }
        catch (P2PException e)
        {
            return Fail(json, ExitCodes.Failed, e.Reason.ToString(), e.Message, [.. e.FailedPeers.Select(FailureEvents.Fields)]);
        }
    }

    private static string NameOf(PeerPathKind kind) => kind switch
    {
        PeerPathKind.Relay => "relay",
        PeerPathKind.Tcp => "tcp",
        _ => "direct",
    };

    private static int Fail(bool json, int exitCode, string reason, string message, params (string Name, object? Value)[][] failedPeers)
    {
        if (json && failedPeers.Length == 0) JsonEvents.Write("error", ("reason", reason), ("message", message));
        else if (json) JsonEvents.Write("error", ("reason", reason), ("message", message), ("peers", failedPeers));
        Console.Error.WriteLine(message);
        return exitCode;
    }
}
