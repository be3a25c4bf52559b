using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary>Removes namespaces, and the programs still running in them.</summary>
internal static class Leftovers
{
    /// <summary>Removes what labs of dead processes left behind. Several processes may do so at once.</summary>
    public static async Task SweepAsync()
    {
        foreach (string name in NamespaceNames.All().Where(NamespaceNames.IsOrphan).ToArray())
        {
            KillProcessesOf(name);
            try
            {
                await DeleteAsync([name]).ConfigureAwait(false);
            }
            catch (InvalidOperationException) when (!File.Exists(NamespaceNames.PathOf(name)))
            {
                // Somebody else swept it at the same moment.
                continue;
            }
        }
    }

    public static Task DeleteAsync(IEnumerable<string> names)
    {
        string[] commands = [.. names.Where(name => File.Exists(NamespaceNames.PathOf(name))).Select(name => $"netns del {name}")];
        return commands.Length == 0 ? Task.CompletedTask : Tool.ConfigureAsync(null, commands);
    }

    /// <summary>The kernel's own name of a thread's namespace, such as <c>net:[4026532008]</c>.</summary>
    public static string IdentityOf(NamespaceThread thread) => thread.Run(() =>
        LinkOf("/proc/thread-self/ns/net") ?? throw new IOException("/proc does not tell a thread's namespace."));

    /// <summary>Kills every process whose main thread is in the namespace, which must not be the caller's own.</summary>
    public static void KillProcessesIn(string identity)
    {
        if (identity == LinkOf("/proc/self/ns/net")) throw new ArgumentException("This is the machine's own namespace.", nameof(identity));
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid)) continue;
            if (LinkOf(folder + "/ns/net") != identity) continue;
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException)
            {
                // It ended by itself, which is what was wanted.
                continue;
            }
        }
    }

    private static void KillProcessesOf(string name)
    {
        try
        {
            using var thread = new NamespaceThread(name);
            KillProcessesIn(IdentityOf(thread));
        }
        catch (IOException)
        {
            // Only half made, or swept by somebody else: nothing can run in it.
            return;
        }
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
