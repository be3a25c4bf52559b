using System.Net;
using CS3103P2P.Peer.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CS3103P2P.Peer.Tests.Hosting;

[TestClass]
public sealed class AddPeerTests
{
    [TestMethod]
    public async Task AddPeer_GoodOptions_StartsAndEndsANode()
    {
        var services = new ServiceCollection();
        services.AddPeer(options =>
        {
            (options.Port, options.ListenAddress, options.Lan, options.PortMapping) = (0, IPAddress.Loopback, false, false);
            options.StunServers.Clear();
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        IHostedService hosted = provider.GetServices<IHostedService>().Single();
        await hosted.StartAsync(CancellationToken.None);
        PeerNode node = await provider.GetRequiredService<PeerHost>().GetNodeAsync();
        Assert.AreNotEqual(0, node.LocalAddress.Port);
        await hosted.StopAsync(CancellationToken.None);
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => node.DownloadAsync("anything"));
    }

    [TestMethod]
    [DataRow("port", -1)]
    [DataRow("port", 65536)]
    [DataRow("connections", 0)]
    [DataRow("upload", 10)]
    [DataRow("timeout", 0)]
    public async Task AddPeer_OptionOutOfRange_FailsAtStart(string option, int value)
    {
        var services = new ServiceCollection();
        services.AddPeer(options =>
        {
            switch (option)
            {
                case "port": options.Port = value; break;
                case "connections": options.MaxConnections = value; break;
                case "upload": options.UploadLimitBitsPerSecond = value; break;
                default: options.ConnectTimeout = TimeSpan.FromSeconds(value); break;
            }
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        IHostedService hosted = provider.GetServices<IHostedService>().Single();
        await Assert.ThrowsAsync<OptionsValidationException>(() => hosted.StartAsync(CancellationToken.None));
    }

    [TestMethod]
    [DataRow("tracker.example", true)]
    [DataRow("tracker.example:8080", true)]
    [DataRow("[::1]:80", true)]
    [DataRow("::1", true)]
    [DataRow("192.0.2.1:0", false)]
    [DataRow("bad host", false)]
    [DataRow("", false)]
    public async Task StartAsync_Tracker_IsChecked(string tracker, bool isGood)
    {
        var options = new PeerNodeOptions { Port = 0, ListenAddress = IPAddress.Loopback, Lan = false, PortMapping = false, Tracker = tracker };
        options.StunServers.Clear();
        if (isGood)
        {
            await using PeerNode node = await PeerNode.StartAsync(options);
            Assert.IsFalse(node.Id.IsEmpty);
        }
        else
        {
            await Assert.ThrowsAsync<ArgumentException>(() => PeerNode.StartAsync(options));
        }
    }
}
