using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>What one flow over an emulated line did between two moments.</summary>
internal sealed record FlowResult(double BitsPerSecond, double CpuSeconds, double Bytes);

/// <summary>A sender at the left and a receiver at the right of an emulated line, each a process of its own.</summary>
internal sealed class TimedFlow : IDisposable
{
    private readonly Child _sender;
    private readonly Child _receiver;

    private TimedFlow(Child sender, Child receiver)
    {
        _sender = sender;
        _receiver = receiver;
    }

    public static long NowMillis => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>Starts at once, counts between the two moments of Unix time, ends at the second.</summary>
    public static async Task<TimedFlow> StartAsync(EmulatedLink link, StreamKind kind, long fromMillis, long untilMillis)
    {
        Child sender = Child.StartIn(link.Left, "stream-send", kind.ToString(), Text(long.MaxValue), EmulatedLink.LeftAddress);
        string address = await sender.ReadAsync("address");
        Child receiver = Child.StartIn(link.Right, "stream-receive", kind.ToString(), address, Text(fromMillis), Text(untilMillis));
        return new TimedFlow(sender, receiver);
    }

    public async Task<FlowResult> EndAsync()
    {
        double seconds = await _receiver.ReadNumberAsync("seconds");
        double bytes = await _receiver.ReadNumberAsync("bytes");
        double cpu = await _receiver.ReadNumberAsync("cpu");
        _sender.Stop();
        cpu += await _sender.ReadNumberAsync("cpu");
        return new FlowResult(bytes * 8 / seconds, cpu, bytes);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
