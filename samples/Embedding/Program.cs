using System.Net;
using CS3103P2P.Peer;
using CS3103P2P.Peer.Hosting;
using CS3103P2P.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// The smallest application that embeds a peer: a container, options, and the node that starts and ends with the application.
// It brings its own tracker, so that it runs anywhere; a real one would only name it.
HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddTracker(tracker => tracker.Listen.Add(new TransportAddress(IPAddress.Loopback, 16880)));
builder.Services.AddPeer(peer =>
{
    peer.Tracker = "127.0.0.1:16880";
    peer.Port = 0;
    peer.StunServers.Clear();
});

using IHost host = builder.Build();
await host.StartAsync();

PeerNode node = await host.Services.GetRequiredService<PeerHost>().GetNodeAsync();
string file = Path.Combine(Path.GetTempPath(), $"hello-{Guid.NewGuid():N}.txt");
await File.WriteAllTextAsync(file, "Hello from one peer.");
Share share = await node.ShareAsync(file);
Console.WriteLine($"{node.Id.ToShortString()} shares {string.Join(", ", await node.ListAsync())}");
Console.WriteLine($"ticket: {share.Ticket}");

await host.StopAsync();
File.Delete(file);
