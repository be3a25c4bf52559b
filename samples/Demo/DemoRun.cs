using System.Net;
using System.Security.Cryptography;
using CS3103P2P.Peer;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;

namespace CS3103P2P.Samples.Demo;

/// <summary>The demonstration: what a newcomer sees first.</summary>
internal static class DemoRun
{
    private const int Sharers = 3;
    private const int DefaultFileBytes = 256 << 20;

    public static async Task<int> RunAsync(string[] args, CancellationToken interrupted)
    {
        if (args.Length > 1 || (args.Length == 1 && !File.Exists(args[0])))
        {
            Console.Error.WriteLine(args.Length > 1 ? "usage: Demo [PATH]" : $"There is no file {args[0]}.");
            return ExitCodes.WrongUsage;
        }

        string folder = Directory.CreateTempSubdirectory("p2p-demo-").FullName;
        try
        {
            string file = args.Length == 1 ? Path.GetFullPath(args[0]) : MakeFile(Path.Combine(folder, "random.bin"));
            return await TransferAsync(file, folder, interrupted);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (P2PException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> TransferAsync(string file, string folder, CancellationToken interrupted)
    {
        var loopback = new TransportAddress(IPAddress.Loopback, 0);
        await using TrackerServer tracker = await TrackerServer.StartAsync(new TrackerOptions { Listen = { loopback }, Stun = { loopback } }, interrupted);
        Console.WriteLine($"tracker     {tracker.ListenAddresses[0]}, STUN {tracker.StunAddresses[0]}");

        var sharers = new List<PeerNode>();
        try
        {
            for (int i = 0; i < Sharers; i++)
            {
                PeerNode sharer = await PeerNode.StartAsync(OptionsFor(tracker), interrupted);
                sharers.Add(sharer);
                Share share = await sharer.ShareAsync(file, cancellationToken: interrupted);
                Console.WriteLine($"peer {i + 1}      {sharer.Id.ToShortString()} on port {sharer.LocalAddress.Port} shares {share.Name}, {share.Descriptor.ChunkCount} chunks");
            }

            return await DownloadAsync(tracker, file, folder, interrupted);
        }
        finally
        {
            foreach (PeerNode sharer in sharers) await sharer.DisposeAsync();
        }
    }

    private static async Task<int> DownloadAsync(TrackerServer tracker, string file, string folder, CancellationToken interrupted)
    {
        await using PeerNode downloader = await PeerNode.StartAsync(OptionsFor(tracker), interrupted);
        Console.WriteLine($"downloader  {downloader.Id.ToShortString()} on port {downloader.LocalAddress.Port}");
        var options = new DownloadOptions { OutputPath = Path.Combine(folder, "copy.bin") };
        DownloadResult result;
        using (var view = new ProgressView(json: false))
        {
            result = await downloader.DownloadAsync(Path.GetFileName(file), options, view, interrupted);
        }

        foreach (DownloadPeer peer in result.Peers)
        {
            Console.WriteLine($"            {Units.Bytes(peer.VerifiedBytes)} from {peer.Peer?.ToShortString()} by {peer.Transport}");
        }

        string original = Sha256(file);
        string copy = Sha256(result.Path);
        Console.WriteLine($"original    SHA-256 {original}");
        Console.WriteLine($"copy        SHA-256 {copy}");
        Console.WriteLine($"{Units.Bytes(result.FetchedBytes)} in {result.Elapsed.TotalSeconds:0.00} s: {Units.Rate(result.FetchedBytes / Math.Max(0.001, result.Elapsed.TotalSeconds))}");
        Console.WriteLine(original == copy ? "They match." : "THEY DIFFER.");
        return original == copy ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static PeerNodeOptions OptionsFor(TrackerServer tracker)
    {
        var options = new PeerNodeOptions { Tracker = tracker.ListenAddresses[0].ToString(), Port = 0, Lan = false, PortMapping = false };
        options.StunServers.Clear();
        options.StunServers.Add(tracker.StunAddresses[0].ToString());
        return options;
    }

    private static string MakeFile(string path)
    {
        byte[] block = new byte[1 << 20];
        using FileStream file = File.Create(path);
        for (int written = 0; written < DefaultFileBytes; written += block.Length)
        {
            RandomNumberGenerator.Fill(block);
            file.Write(block);
        }

        return path;
    }

    private static string Sha256(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
