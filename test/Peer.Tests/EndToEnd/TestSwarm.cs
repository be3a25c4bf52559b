using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;

namespace CS3103P2P.Peer.Tests.EndToEnd;

/// <summary>A tracker and peers in one process, on loopback, with a folder of their own.</summary>
internal sealed class TestSwarm : IAsyncDisposable
{
    private readonly TrackerServer? _tracker;
    private readonly List<PeerNode> _nodes = [];

    private TestSwarm(TrackerServer? tracker) => _tracker = tracker;

    /// <summary>How long a test may wait for anything.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(40);

    public string Folder { get; } = Directory.CreateTempSubdirectory("p2p-peer-test-").FullName;

    public string TrackerAddress => _tracker!.ListenAddresses[0].ToString();

    public static async Task<TestSwarm> StartAsync()
    {
        var options = new TrackerOptions();
        options.Listen.Add(new TransportAddress(IPAddress.Loopback, 0));
        return new TestSwarm(await TrackerServer.StartAsync(options));
    }

    public static TestSwarm WithoutTracker() => new(null);

    public async Task<PeerNode> AddAsync(Action<PeerNodeOptions>? configure = null)
    {
        var options = new PeerNodeOptions
        {
            Tracker = _tracker is null ? null : TrackerAddress,
            Port = 0,
            ListenAddress = IPAddress.Loopback,
            Lan = false,
            PortMapping = false,
        };
        options.StunServers.Clear();
        configure?.Invoke(options);
        PeerNode node = await PeerNode.StartAsync(options);
        _nodes.Add(node);
        return node;
    }

    public string NewFile(string name, int size)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, Guid.NewGuid().ToString("N"))).FullName, name);
        File.WriteAllBytes(path, RandomBytes(size));
        return path;
    }

    public string NewTarget() => Path.Combine(Folder, "target-" + Guid.NewGuid().ToString("N"));

    /// <summary>Waits until the tracker lists a share with so many peers.</summary>
    public static async Task WaitForPeersAsync(PeerNode node, string name, int peers)
    {
        using var limit = new CancellationTokenSource(Limit);
        while ((await node.FindAsync(name, limit.Token))?.Peers is not { } count || count < peers) await Task.Yield();
    }

    public static async Task AssertSameAsync(string expected, string actual)
    {
        byte[] left = await File.ReadAllBytesAsync(expected);
        byte[] right = await File.ReadAllBytesAsync(actual);
        Assert.IsTrue(left.AsSpan().SequenceEqual(right), $"{actual} differs from {expected}");
    }

    public static byte[] RandomBytes(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PeerNode node in _nodes) await node.DisposeAsync();
        if (_tracker is not null) await _tracker.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
