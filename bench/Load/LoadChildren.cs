using System.Net;

namespace CS3103P2P.Bench.Load;

/// <summary>What this program does when it is one side of a load test: the load, or one of our servers.</summary>
internal static class LoadChildren
{
    /// <summary>The load. Arguments: kind, address of the server, its process id (0 for none), window, seconds, a number that the kind explains, and how many replies warm it up.</summary>
    public static void Generate(string kind, IPEndPoint server, int serverId, int window, double seconds, int number, int warmUpReplies)
    {
        IWorkload workload = kind switch
        {
            "lookup" => new TrackerWorkload(number, registers: false),
            "register" => new TrackerWorkload(number, registers: true),
            "announce" => new AnnounceWorkload(number),
            "stun" => new StunWorkload(),
            "echo" => new EchoWorkload(number),
            _ => throw new ArgumentException($"No load is called {kind}."),
        };
        using var socket = new UdpBatch(server);
        workload.Prepare(socket);
        new LoadGenerator(socket, workload, window).Run(warmUpReplies, seconds, serverId);
    }
}
