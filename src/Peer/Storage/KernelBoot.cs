namespace CS3103P2P.Peer;

/// <summary>Tells one start of the kernel from another.</summary>
internal static class KernelBoot
{
    private const string LinuxPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>The id of the running kernel; empty where the system has none, which makes unsynced data be hashed again.</summary>
    internal static Guid ReadId()
    {
        if (!OperatingSystem.IsLinux()) return Guid.Empty;
        try
        {
            return Guid.TryParse(File.ReadAllText(LinuxPath), out Guid id) ? id : Guid.Empty;
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            return Guid.Empty; // no /proc: the safe answer
        }
    }
}
