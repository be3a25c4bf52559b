namespace CS3103P2P.Bench;

/// <summary>One run of a swarm.</summary>
/// <param name="Seconds">Until the last had everything.</param>
/// <param name="Sharer">Its processor time.</param>
/// <param name="Getters">Processor time of them all.</param>
/// <param name="GetterAllocatedPerMib">Bytes that a getter allocated for each MiB after the first quarter.</param>
/// <param name="SharerAllocated">Bytes that the sharer allocated after the first quarter.</param>
/// <param name="QuarterBytes">How many bytes that quarter was; 0 when it was not noted.</param>
/// <param name="GetterPeakBytes">Most memory of a getter.</param>
/// <param name="SharerPeakBytes">Most memory of the sharer.</param>
internal sealed record SwarmFigures(
    double Seconds, ProcessorTime Sharer, ProcessorTime Getters, double GetterAllocatedPerMib, double SharerAllocated, double QuarterBytes, double GetterPeakBytes, double SharerPeakBytes)
{
    /// <summary>Processor time of all processes, in seconds.</summary>
    public double CpuSeconds => Sharer.Seconds + Getters.Seconds;

    /// <summary>What both sides allocated for each MiB after the first quarter.</summary>
    public double SteadyPerMib(long totalBytes) => GetterAllocatedPerMib + (SharerAllocated * (1 << 20) / (totalBytes - QuarterBytes));
}
