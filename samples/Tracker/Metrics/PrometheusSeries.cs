namespace CS3103P2P.Samples.Tracker;

/// <summary>The values under one set of labels.</summary>
internal sealed class PrometheusSeries(string labels, long[] buckets)
{
    /// <summary>The labels in their written form, without braces; empty for none.</summary>
    public string Labels { get; } = labels;

    /// <summary>Of a histogram: how many values lie below each bound and above the one before, and at last above all.</summary>
    public long[] Buckets { get; } = buckets;

    /// <summary>How many values there were.</summary>
    public long Count { get; set; }

    /// <summary>The sum, or the last.</summary>
    public double Value { get; set; }

    public PrometheusSeries Copy() => new(Labels, [.. Buckets]) { Count = Count, Value = Value };
}
