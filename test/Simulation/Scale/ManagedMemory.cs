namespace CS3103P2P.Simulation;

/// <summary>The managed memory that is in use.</summary>
internal static class ManagedMemory
{
    /// <summary>Bytes, after everything that can go has gone.</summary>
    public static long InUse()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
