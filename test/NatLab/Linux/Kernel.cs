namespace CS3103P2P.NatLab;

/// <summary>Kernel settings of a namespace. /proc/sys/net shows those of the thread that opens it.</summary>
internal static class Kernel
{
    public static void Set(NamespaceThread where, params (string Key, int Value)[] settings) => where.Run(() =>
    {
        foreach (var (key, value) in settings)
        {
            string path = "/proc/sys/net/" + key;
            if (File.Exists(path)) File.WriteAllText(path, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        return true;
    });

    /// <summary>Why a lab cannot be made here; null when it can.</summary>
    public static string? MissingFeature()
    {
        if (!OperatingSystem.IsLinux()) return "network namespaces need Linux";
        if (!Environment.IsPrivilegedProcess) return "making network namespaces needs root";
        string[] folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];
        foreach (string program in (string[])["ip", "nft", "conntrack"])
        {
            if (!folders.Any(folder => File.Exists(Path.Combine(folder, program)))) return $"the program {program} is not installed";
        }
        return File.Exists("/proc/self/ns/net") ? null : "the kernel has no network namespaces";
    }
}
