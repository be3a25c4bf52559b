using System.Globalization;
using System.Security.Cryptography;

namespace CS3103P2P.NatLab;

/// <summary>
/// The name of a namespace tells whose it is: <c>p2plab.PID.STARTTIME.LAB.NODE</c>. The start time (ticks since boot, field 22 of
/// /proc/PID/stat) tells a live owner from another process that later got its number.
/// </summary>
internal static class NamespaceNames
{
    public const string Prefix = "p2plab.";
    public const string Folder = "/run/netns/";
    private const int StartTimeFieldAfterName = 19;
    private const int Parts = 5;
    private const int LabIdDigits = 6;

    public static string PathOf(string name) => Folder + name;

    /// <summary>What the names of a lab of this process begin with.</summary>
    public static string NewRunId()
    {
        int pid = Environment.ProcessId;
        string lab = RandomNumberGenerator.GetHexString(LabIdDigits, lowercase: true);
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{pid}.{StartTime(pid) ?? "0"}.{lab}.");
    }

    public static IEnumerable<string> All() => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, Prefix + "*").Select(path => Path.GetFileName(path)!)
        : [];

    public static string NodeOf(string name) => name[(name.LastIndexOf('.') + 1)..];

    public static bool TryGetOwner(string name, out int pid)
    {
        pid = 0;
        string[] parts = name.Split('.');
        return parts.Length == Parts && int.TryParse(parts[1], CultureInfo.InvariantCulture, out pid);
    }

    /// <summary>True when the process that made the namespace no longer runs.</summary>
    public static bool IsOrphan(string name) => TryGetOwner(name, out int pid) && StartTime(pid) != name.Split('.')[2];

    /// <summary>When a process was started, as the kernel counts; null when it does not run, or does no more.</summary>
    public static string? StartTime(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[StartTimeFieldAfterName];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
