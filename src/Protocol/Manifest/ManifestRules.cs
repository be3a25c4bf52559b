using System.Runtime.InteropServices;
using System.Text;

namespace CS3103P2P.Protocol;

/// <summary>What the entries of a manifest must keep to, whatever their order.</summary>
internal static class ManifestRules
{
    /// <summary>The first broken rule in words; null when there is none.</summary>
    internal static string? FindProblem(ManifestFile[] files, string[] emptyFolders)
    {
        if ((long)files.Length + emptyFolders.Length > ShareManifest.MaxEntries)
            return $"The folder has more than {ShareManifest.MaxEntries} files and empty folders.";
        var seen = new Dictionary<string, Entry>();
        foreach (ManifestFile file in files)
        {
            if (file.Length < 0 || (file.Length == 0) != file.Root.IsZero) return $"'{file.Path}' has a length that does not match its root.";
            if (FindProblem(file.Path, EntryKind.File, seen) is { } problem) return problem;
        }

        foreach (string folder in emptyFolders)
        {
            if (FindProblem(folder, EntryKind.EmptyFolder, seen) is { } problem) return problem;
        }

        return null;
    }

    /// <summary>Orders paths by their UTF-8 bytes.</summary>
    internal static int ComparePaths(string a, string b)
    {
        int common = a.AsSpan().CommonPrefixLength(b);
        if (common == a.Length || common == b.Length) return a.Length.CompareTo(b.Length);

        // UTF-16 and UTF-8 order differ only where one side has a surrogate: those code points come after all others.
        bool aHigh = char.IsSurrogate(a[common]);
        bool bHigh = char.IsSurrogate(b[common]);
        return aHigh != bHigh ? aHigh.CompareTo(bHigh) : a[common].CompareTo(b[common]);
    }

    // Every file, empty folder and folder above one has a key of its own, except that a folder may be above many entries.
    private static string? FindProblem(string path, EntryKind kind, Dictionary<string, Entry> seen)
    {
        if (!ManifestPath.IsValid(path)) return $"'{Printable(path)}' is not a path that can be shared.";
        string key = PathFolding.KeyOf(path);
        if (!seen.TryAdd(key, new Entry(path, kind)))
            return $"'{path}' and '{seen[key].Path}' would be the same on some systems.";
        for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            string folder = path[..slash];
            string folderKey = PathFolding.KeyOf(folder);
            ref Entry entry = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, folderKey, out bool exists);
            if (!exists) entry = new Entry(folder, EntryKind.Folder);
            else if (entry.Kind != EntryKind.Folder || entry.Path != folder) return $"'{path}' and '{entry.Path}' exclude each other on some systems.";
            else return null; // the folders above were checked when this one was first seen
        }

        return null;
    }

    private static string Printable(string path)
    {
        var text = new StringBuilder();
        foreach (char c in path.AsSpan(0, Math.Min(path.Length, 200))) text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        return text.ToString();
    }

    private enum EntryKind
    {
        File,
        EmptyFolder,
        Folder,
    }

    private readonly record struct Entry(string Path, EntryKind Kind);
}
