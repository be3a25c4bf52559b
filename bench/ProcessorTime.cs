namespace CS3103P2P.Bench;

/// <summary>Processor time of one side.</summary>
/// <param name="Seconds">In all.</param>
/// <param name="KernelSeconds">Those of it that the kernel took.</param>
internal readonly record struct ProcessorTime(double Seconds, double KernelSeconds)
{
    public static ProcessorTime operator +(ProcessorTime left, ProcessorTime right) =>
        new(left.Seconds + right.Seconds, left.KernelSeconds + right.KernelSeconds);

    /// <summary>Reads what a child prints about itself.</summary>
    public static async Task<ProcessorTime> ReadAsync(Child child) => new(await child.ReadNumberAsync("cpu"), await child.ReadNumberAsync("kernel"));
}
