using System.CommandLine;
using CS3103P2P.Peer;
using CS3103P2P.Protocol;

namespace CS3103P2P.Samples.Peer;

/// <summary><c>p2p-peer share PATH...</c>: serves files and directories until Ctrl-C, which ends it with exit code 0.</summary>
internal static class ShareCommand
{
    public static Command Create(CommonOptions common)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files or directories.", Arity = ArgumentArity.OneOrMore };
        var name = new Option<string?>("--name") { Description = "Name to share it under; for a single PATH. Default: the file's name.", HelpName = "N" };
        var chunkSize = new Option<int?>("--chunk-size")
        {
            Description = "Bytes of a chunk, a power of two from 2048; 2048 for programs that speak only the plain exchange. Default: by size.", HelpName = "BYTES",
        };
        var isPrivate = new Option<bool>("--private") { Description = "Only who has the ticket learns of it or fetches it." };
        var command = new Command("share", "Serves files and directories until Ctrl-C.") { paths, name, chunkSize, isPrivate };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is not null && result.GetValue(paths) is { Length: > 1 }) result.AddError("--name goes with a single PATH.");
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(chunkSize) is { } bytes && !ChunkSize.IsValid(bytes)) result.AddError("--chunk-size takes a power of two from 2048 to 16777216.");
        });
        command.SetAction((parsed, interrupted) => CommandRunner.RunAsync(
            common,
            parsed,
            (node, token) => RunAsync(
                node,
                parsed.GetRequiredValue(paths),
                new ShareOptions { Name = parsed.GetValue(name), ChunkSize = parsed.GetValue(chunkSize), IsPrivate = parsed.GetValue(isPrivate) },
                common.IsJson(parsed),
                token),
            interrupted));
        return command;
    }

    private static async Task<int> RunAsync(PeerNode node, string[] paths, ShareOptions options, bool json, CancellationToken interrupted)
    {
        foreach (string path in paths)
        {
            Share share;
            using (var view = new ProgressView(json))
            {
                share = await node.ShareAsync(path, options, view, interrupted);
            }

            if (json)
            {
                JsonEvents.Write(
                    "sharing",
                    ("name", share.Name),
                    ("ticket", share.Ticket),
                    ("root", share.Descriptor.Root),
                    ("sizeBytes", share.Descriptor.SizeBytes),
                    ("chunkSize", share.Descriptor.ChunkSize),
                    ("chunks", share.Descriptor.ChunkCount),
                    ("peer", node.Id),
                    ("address", node.LocalAddress));
                continue;
            }

            Console.Error.WriteLine($"Sharing {share.Name}: {Units.Bytes(share.Descriptor.SizeBytes)} in {share.Descriptor.ChunkCount} chunks, on {node.LocalAddress}.");
            Console.WriteLine($"ticket: {share.Ticket}");
        }

        await CommandEnd.WaitAsync(interrupted);
        return ExitCodes.Done;
    }
}
