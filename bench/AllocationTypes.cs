using System.Diagnostics.Tracing;
using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>Counts what types (and of large objects, sizes) a process allocates, by the runtime's samples of about one in 100 KB; for whoever looks for what allocates.</summary>
internal sealed class AllocationTypes : EventListener
{
    private const int LargeBytes = 1024;
    private const string Variable = "P2P_BENCH_ALLOCATIONS";
    private const EventKeywords GarbageCollection = (EventKeywords)0x1;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _bytes = [];

    /// <summary>Begins when the environment variable P2P_BENCH_ALLOCATIONS is set; null otherwise.</summary>
    public static AllocationTypes? StartIfWanted() => Environment.GetEnvironmentVariable(Variable) is null ? null : new AllocationTypes();

    /// <summary>Writes the largest to standard error and begins anew.</summary>
    public void Print(string title)
    {
        lock (_gate)
        {
            foreach ((string type, long bytes) in _bytes.OrderByDescending(pair => pair.Value).Take(25))
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {bytes,12} {type}"));
            _bytes.Clear();
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) != true || eventData.Payload is not { } payload) return;
        string type = payload[eventData.PayloadNames!.IndexOf("TypeName")] as string ?? "?";
        long size = Convert.ToInt64(payload[eventData.PayloadNames.IndexOf("ObjectSize")], CultureInfo.InvariantCulture);
        if (size >= LargeBytes) type = string.Create(CultureInfo.InvariantCulture, $"{type} of {size} bytes");
        long bytes = Convert.ToInt64(payload[eventData.PayloadNames.IndexOf("AllocationAmount64")], CultureInfo.InvariantCulture);
        lock (_gate) _bytes[type] = _bytes.GetValueOrDefault(type) + bytes;
    }
}
