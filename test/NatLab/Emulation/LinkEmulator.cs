using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.NatLab;

/// <summary>A cable between two TAP devices that delays, loses and paces frames; the kernel may lack netem.</summary>
/// <remarks>One thread a direction. Frames beyond the limit in flight are lost.</remarks>
internal sealed class LinkEmulator : IDisposable
{
    private const int FrameBytes = 2048;
    private const int MaxFramesInFlight = 16_384;
    private const long NanosPerSecond = 1_000_000_000;
    private readonly TapDevice _first;
    private readonly TapDevice _second;
    private readonly SafeFileHandle _stop = LinuxCalls.CreateEvent();
    private readonly Thread[] _threads;
    private volatile LinkConditions _conditions;
    private volatile bool _stopping;

    public LinkEmulator(TapDevice first, TapDevice second, LinkConditions conditions, int seed)
    {
        (_first, _second, _conditions) = (first, second, conditions);
        _threads =
        [
            new Thread(() => Carry(first, second, new LinkDirection(new Random(seed)))) { IsBackground = true, Name = "link out" },
            new Thread(() => Carry(second, first, new LinkDirection(new Random(~seed)))) { IsBackground = true, Name = "link in" },
        ];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Takes effect for the next frame.</summary>
    public void SetConditions(LinkConditions conditions) => _conditions = conditions;

    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        _ = LinuxCalls.Write(_stop, BitConverter.GetBytes(1L), sizeof(long));
        foreach (var thread in _threads) thread.Join();
        _first.Dispose();
        _second.Dispose();
        _stop.Dispose();
    }

    private void Carry(TapDevice from, TapDevice to, LinkDirection direction)
    {
        var inFlight = new Queue<(byte[] Buffer, int Length, long Arrival)>();
        var free = new Stack<byte[]>();
        Span<LinuxCalls.PollDescriptor> watched =
        [
            new() { Descriptor = (int)from.File.DangerousGetHandle(), Events = LinuxCalls.PollIn },
            new() { Descriptor = (int)_stop.DangerousGetHandle(), Events = LinuxCalls.PollIn },
        ];
        while (!_stopping)
        {
            long wait = inFlight.TryPeek(out var head) ? long.Max(0, head.Arrival - Now()) : -1;
            LinuxCalls.Poll(watched, wait);
            Deliver(inFlight, free, to);
            while (!_stopping)
            {
                byte[] buffer = free.TryPop(out var used) ? used : new byte[FrameBytes];
                int length = from.Read(buffer);
                if (length > 0 && inFlight.Count < MaxFramesInFlight && direction.Schedule(_conditions, Now(), length) is { } arrival)
                    inFlight.Enqueue((buffer, length, arrival));
                else
                    free.Push(buffer);
                if (length == 0) break;
                Deliver(inFlight, free, to);
            }
        }
    }

    private static void Deliver(Queue<(byte[] Buffer, int Length, long Arrival)> inFlight, Stack<byte[]> free, TapDevice to)
    {
        while (inFlight.TryPeek(out var frame) && frame.Arrival <= Now())
        {
            to.Write(frame.Buffer.AsSpan(0, frame.Length));
            free.Push(frame.Buffer);
            inFlight.Dequeue();
        }
    }

    private static long Now() => (long)(Stopwatch.GetTimestamp() * ((double)NanosPerSecond / Stopwatch.Frequency));
}
