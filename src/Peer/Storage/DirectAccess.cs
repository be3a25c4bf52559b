using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Peer;

/// <summary>Files whose reads and writes bypass the system's cache: O_DIRECT of Linux, for which .NET has no option.</summary>
internal static partial class DirectAccess
{
    private const int GetFlags = 3;   // F_GETFL
    private const int SetFlags = 4;   // F_SETFL

    /// <summary>Opens an open file once more, for writing; null where it, its file system or the system cannot.</summary>
    internal static SafeFileHandle? TryOpen(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux() || DirectFlag() is not { } direct) return null;
        SafeFileHandle? handle = null;
        try
        {
            // By its number, since another file may have its name by now.
            handle = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            int flags = Control(handle, GetFlags, 0);
            if (flags >= 0 && Control(handle, SetFlags, flags | direct) == 0) return handle;
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            // The ordinary handle tells of what is wrong with the file.
        }

        handle?.Dispose();
        return null;
    }

    // Its value is up to the processor (<asm/fcntl.h>).
    private static int? DirectFlag() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 0x4000,
        Architecture.Arm64 => 0x10000,
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
