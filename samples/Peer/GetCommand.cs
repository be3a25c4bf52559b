using System.CommandLine;
using CS3103P2P.Peer;

namespace CS3103P2P.Samples.Peer;

/// <summary><c>p2p-peer get NAME|TICKET</c>: exit code 0 only when every byte is verified and on disk.</summary>
internal static class GetCommand
{
    public static Command Create(CommonOptions common)
    {
        var what = new Argument<string>("NAME|TICKET") { Description = "A name that the tracker knows, or a ticket." };
        var output = new Option<string?>("--output", "-o") { Description = "File or folder to write. Default: the share's name, here.", HelpName = "PATH" };
        var keepSharing = new Option<bool>("--keep-sharing") { Description = "Serve the finished share to others until Ctrl-C." };
        var command = new Command("get", "Fetches a file or directory from its peers.") { what, output, keepSharing };
        command.SetAction((parsed, interrupted) => CommandRunner.RunAsync(
            common,
            parsed,
            (node, token) => RunAsync(
                node,
                parsed.GetRequiredValue(what),
                new DownloadOptions { OutputPath = parsed.GetValue(output), KeepSharing = parsed.GetValue(keepSharing) },
                common.IsJson(parsed),
                token),
            interrupted));
        return command;
    }

    private static async Task<int> RunAsync(PeerNode node, string nameOrTicket, DownloadOptions options, bool json, CancellationToken interrupted)
    {
        if (json) JsonEvents.Write("started", ("peer", node.Id), ("address", node.LocalAddress));
        DownloadResult result;
        using (var view = new ProgressView(json))
        {
            result = await node.DownloadAsync(nameOrTicket, options, view, interrupted);
        }

        if (json)
        {
            JsonEvents.Write(
                "done",
                ("path", result.Path),
                ("name", result.Descriptor.Name),
                ("root", result.Descriptor.Root),
                ("sizeBytes", result.Descriptor.SizeBytes),
                ("fetchedBytes", result.FetchedBytes),
                ("seconds", result.Elapsed),
                ("firstVerifiedSeconds", result.FirstVerifiedAfter),
                ("trustedTracker", result.TrustedTracker),
                ("peers", result.Peers.Select(IEnumerable<(string, object?)> (peer) => [("peer", peer.Peer), ("address", peer.Address), ("way", peer.Transport), ("verifiedBytes", peer.VerifiedBytes)])));
        }
        else
        {
            Report(result);
        }

        if (!options.KeepSharing) return ExitCodes.Done;
        Console.Error.WriteLine("Sharing it until Ctrl-C.");
        await CommandEnd.WaitAsync(interrupted);
        return ExitCodes.Done;
    }

    private static void Report(DownloadResult result)
    {
        double rate = result.FetchedBytes / Math.Max(0.001, result.Elapsed.TotalSeconds);
        Console.Error.WriteLine(
            $"Verified {Units.Bytes(result.Descriptor.SizeBytes)}, of which {Units.Bytes(result.FetchedBytes)} fetched from {result.Peers.Count} peers at {Units.Rate(rate)}.");
        if (result.TrustedTracker)
        {
            Console.Error.WriteLine("The name was looked up at the tracker, which vouches for the content; a ticket is exact.");
        }

        Console.WriteLine(result.Path);
    }
}
