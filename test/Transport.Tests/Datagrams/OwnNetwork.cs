using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CS3103P2P.Transport.Tests;

/// <summary>Makes sockets in a Linux network namespace of their own, whose loopback has the MTU that a test wants.</summary>
internal static class OwnNetwork
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Runs a function inside; sockets that it makes stay inside for life. Inconclusive without Linux, root and ip(8).</summary>
    public static async Task<T> MakeAsync<T>(int mtu, Func<T> make)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Network namespaces are Linux's own.");
        var made = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);

        // A namespace belongs to a thread, so the test's own may not enter one.
        var thread = new Thread(() =>
        {
            try
            {
                bool inside = Unshare(CloneNewNet) == 0 && Run("ip", $"link set lo mtu {mtu} up");
                if (inside) made.SetResult(make());
                else made.SetCanceled();
            }
#pragma warning disable CA1031 // the test's own thread reports it
            catch (Exception e)
#pragma warning restore CA1031
            {
                made.SetException(e);
            }
        });
        thread.Start();
        try
        {
            return (await made.Task.Soon())!;
        }
        catch (Exception e) when (e is OperationCanceledException or System.ComponentModel.Win32Exception)
        {
            Assert.Inconclusive("Needs root and ip(8) to make a network namespace.");
            throw;
        }
    }

    private static bool Run(string program, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    [DllImport("libc", EntryPoint = "unshare")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unshare(int flags);
}
