namespace CS3103P2P.Bench;

/// <summary>One run of one line: wall time of the transfer; processor time, allocation and peak memory of the processes named.</summary>
internal sealed record Measurement(double Seconds, double CpuSeconds, long AllocatedBytes, long PeakBytes)
{
    /// <summary>The wall time until what arrived was synced to the disk as well; NaN when that was not measured.</summary>
    public double SyncedSeconds { get; init; } = double.NaN;
}
