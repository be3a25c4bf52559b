namespace CS3103P2P.Samples.Tracker;

/// <summary>The meters that are shown.</summary>
internal static class MeterNames
{
    /// <summary>The product's, the runtime's (collections, processor time, memory), and the database driver's.</summary>
    public static string[] All => ["CS3103P2P.Tracker", "System.Runtime", "Npgsql"];
}
