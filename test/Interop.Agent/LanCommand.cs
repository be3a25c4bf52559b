using System.Security.Cryptography;
using System.Text;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Interop.Agent;

internal static class LanCommand
{
    public static async Task<int> RunAsync(string name, int port)
    {
        var options = new LanDiscoveryOptions
        {
            PeerId = new PeerId(SHA256.HashData(Encoding.UTF8.GetBytes(name + port))),
            Port = port,
            InstanceName = name,
            Logger = new PrintingLogger(),
            OnPeerFound = peer => Print("found", peer),
            OnPeerLost = peer => Print("lost", peer),
        };
        LanDiscovery discovery = await LanDiscovery.StartAsync(options);
        await using (discovery)
        {
            Console.Out.WriteLine($"started active={discovery.IsActive} id={options.PeerId}");
            while (await Console.In.ReadLineAsync() is not null) Console.Out.WriteLine($"name={discovery.InstanceName} peers={discovery.Peers.Count}");
        }

        return 0;
    }

    private static void Print(string what, LanPeer peer) =>
        Console.Out.WriteLine($"{what} name={peer.InstanceName} id={peer.Id} version={peer.Version} at={string.Join(',', peer.Addresses)}");
}
