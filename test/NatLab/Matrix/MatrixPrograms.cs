using System.Diagnostics;
using System.Security.Cryptography;

namespace CS3103P2P.NatLab;

/// <summary>The programs under test, as they are built in this repository.</summary>
internal static class MatrixPrograms
{
    /// <summary>Finds a built program, <c>p2p-peer</c> or <c>p2p-tracker</c>.</summary>
    /// <exception cref="InvalidOperationException">It has not been built.</exception>
    public static string Find(string sample, string assembly)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "CS3103P2P.sln"))) root = Path.GetDirectoryName(root);
        if (root is null) throw new InvalidOperationException("The laboratory does not run inside the repository.");
        string folder = Path.Combine(root, "samples", sample);
        string? newest = Directory.EnumerateFiles(folder, $"{assembly}.dll", SearchOption.AllDirectories)
            .Where(path => path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .OrderByDescending(File.GetLastWriteTimeUtc).FirstOrDefault();
        return newest ?? throw new InvalidOperationException($"{assembly} is not built: dotnet build -c Release {folder}");
    }

    /// <summary>Starts a built program in a host: by itself where it was published with the runtime that it needs, else by the machine's.</summary>
    public static Process Start(LabHost host, string program, params string[] arguments)
    {
        bool hasRuntime = File.Exists(Path.Combine(Path.GetDirectoryName(program)!, "libcoreclr.so"));
        return hasRuntime ? host.Start(Path.ChangeExtension(program, null), arguments) : host.Start("dotnet", ["exec", program, .. arguments]);
    }

    /// <summary>Writes a file of random bytes.</summary>
    public static void WriteFile(string path, int mebibytes)
    {
        const int MiB = 1 << 20;
        using FileStream file = File.Create(path);
        for (int i = 0; i < mebibytes; i++) file.Write(RandomNumberGenerator.GetBytes(MiB));
    }

    /// <summary>Whether two files are the same.</summary>
    public static bool AreEqual(string left, string right) =>
        File.Exists(right) && SHA256.HashData(File.ReadAllBytes(left)).AsSpan().SequenceEqual(SHA256.HashData(File.ReadAllBytes(right)));

    /// <summary>Reads lines until one has the event, or the end.</summary>
    public static async Task<string?> WaitForEventAsync(Process program, string name, CancellationToken cancellationToken)
    {
        while (await program.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal)) return line;
        }

        return null;
    }

    /// <summary>Ends a program with all that it started.</summary>
    public static void End(Process? program)
    {
        if (program is null || program.HasExited) return;
        program.Kill(entireProcessTree: true);
    }
}
