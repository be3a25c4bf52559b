using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>
/// Lists what a shared folder contains. A symbolic link to a file inside the folder counts as that file; links to folders, and links that lead
/// outside the folder or nowhere, are refused with their path, so that nothing outside is shared unawares and nothing inside is left out silently.
/// </summary>
internal static class FolderScanner
{
    /// <summary>Lists the files and the empty folders, as paths with <c>/</c>.</summary>
    /// <exception cref="StorageException">The folder cannot be read, or contains what cannot be shared.</exception>
    internal static (List<string> Files, List<string> EmptyFolders) Scan(IDisk disk, string root, CancellationToken cancellationToken)
    {
        var files = new List<string>();
        var emptyFolders = new List<string>();
        var pending = new Stack<string>();
        pending.Push(string.Empty);
        string inside = Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar;
        while (pending.TryPop(out string? folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            IReadOnlyList<DiskChild> children = disk.List(Path.Combine(root, folder));
            if (children.Count == 0 && folder.Length > 0) emptyFolders.Add(folder);
            foreach (DiskChild child in children)
            {
                string path = folder.Length == 0 ? child.Name : $"{folder}/{child.Name}";
                if (!ManifestPath.IsValid(path)) throw Refuse($"'{path}' is not a name that every system can have.");
                if (child.LinkTarget is { } target && (child.IsFolder || !target.StartsWith(inside, StringComparison.Ordinal)))
                    throw Refuse($"'{path}' is a link to a folder or out of the shared folder.");
                if (child.IsFolder) pending.Push(path);
                else files.Add(path);
                if (files.Count + emptyFolders.Count + pending.Count > ShareManifest.MaxEntries)
                    throw Refuse($"The folder has more than {ShareManifest.MaxEntries} files.");
            }
        }

        return (files, emptyFolders);
    }

    private static StorageException Refuse(string message) => new(StorageErrorReason.InvalidPath, message);
}
