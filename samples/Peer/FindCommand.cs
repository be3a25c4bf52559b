using System.CommandLine;
using CS3103P2P.Peer;

namespace CS3103P2P.Samples.Peer;

/// <summary><c>p2p-peer find NAME</c>: what the tracker knows of one share; exit code 1 when it knows none.</summary>
internal static class FindCommand
{
    public static Command Create(CommonOptions common)
    {
        var name = new Argument<string>("NAME") { Description = "The share's name." };
        var command = new Command("find", "Tells what the tracker knows of a file.") { name };
        command.SetAction((parsed, interrupted) => CommandRunner.RunAsync(
            common, parsed, (node, token) => RunAsync(node, parsed.GetRequiredValue(name), common.IsJson(parsed), token), interrupted, AskOnly.Adjust));
        return command;
    }

    private static async Task<int> RunAsync(PeerNode node, string name, bool json, CancellationToken interrupted)
    {
        if (await node.FindAsync(name, interrupted) is not { } found)
        {
            if (json) JsonEvents.Write("error", ("reason", P2PErrorReason.NotFound), ("message", $"The tracker knows no {name}."));
            Console.Error.WriteLine($"The tracker knows no {name}.");
            return ExitCodes.Failed;
        }

        if (json)
        {
            JsonEvents.Write(
                "file",
                ("name", found.Name),
                ("sizeBytes", found.Descriptor?.SizeBytes),
                ("chunkSize", found.Descriptor?.ChunkSize),
                ("kind", found.Descriptor?.Kind),
                ("root", found.Descriptor?.Root),
                ("peers", found.Peers));
            return ExitCodes.Done;
        }

        Console.WriteLine(found.Name);
        if (found.Descriptor is { } descriptor)
        {
            Console.WriteLine($"  {descriptor.Kind}, {Units.Bytes(descriptor.SizeBytes)} in {descriptor.ChunkCount} chunks of {Units.Bytes(descriptor.ChunkSize)}");
            Console.WriteLine($"  root {descriptor.Root}");
        }

        Console.WriteLine($"  {found.Peers} peers");
        return ExitCodes.Done;
    }
}
