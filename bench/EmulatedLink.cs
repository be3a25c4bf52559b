using CS3103P2P.NatLab;

namespace CS3103P2P.Bench;

/// <summary>Two network namespaces and a line between them that delays, loses and paces packets. Needs root.</summary>
internal sealed class EmulatedLink : IAsyncDisposable
{
    /// <summary>Where senders listen: the left end.</summary>
    public const string LeftAddress = "25.40.0.1";

    /// <summary>The right end.</summary>
    public const string RightAddress = "25.40.0.2";

    // What the device holds until the emulator reads it; more than a busy machine lets gather.
    private const int DeviceQueueFrames = 5_000;

    private readonly string[] _names;
    private readonly LinkEmulator _emulator;

    private EmulatedLink(string[] names, NamespaceThread left, NamespaceThread right, LinkEmulator emulator)
    {
        _names = names;
        _emulator = emulator;
        Left = left;
        Right = right;
    }

    public NamespaceThread Left { get; }

    public NamespaceThread Right { get; }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? UnavailableReason => Lab.UnavailableReason;

    public static async Task<EmulatedLink> CreateAsync(LinkConditions conditions, int seed)
    {
        await Leftovers.SweepAsync();
        string id = NamespaceNames.NewRunId();
        string[] names = [id + "left", id + "right"];
        await Tool.ConfigureAsync(null, names.Select(name => $"netns add {name}"));
        var left = new NamespaceThread(names[0]);
        var right = new NamespaceThread(names[1]);
        var emulator = new LinkEmulator(new TapDevice(left, "eth0"), new TapDevice(right, "eth0"), conditions, seed);
        await Tool.ConfigureAsync(left, Commands(LeftAddress));
        await Tool.ConfigureAsync(right, Commands(RightAddress));
        return new EmulatedLink(names, left, right, emulator);
    }

    public async ValueTask DisposeAsync()
    {
        _emulator.Dispose();
        Left.Dispose();
        Right.Dispose();
        await Leftovers.DeleteAsync(_names);
    }

    private static string[] Commands(string address) =>
        ["link set lo up", $"addr add {address}/24 dev eth0", $"link set eth0 txqueuelen {DeviceQueueFrames} up"];
}
