using System.Diagnostics.CodeAnalysis;

namespace CS3103P2P.Protocol;

/// <summary>
/// What a shared folder contains: files with their length and Merkle root, and the folders that are empty. Its canonical bytes are the same
/// for the same content, whoever makes them, and their SHA-256 is the root of the share. A manifest that exists is valid.
/// </summary>
public sealed class ShareManifest
{
    /// <summary>Most files and empty folders together.</summary>
    public const int MaxEntries = 262_144;

    /// <summary>Longest canonical form, in bytes.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    private ShareManifest(byte[] bytes, ManifestFile[] files, string[] emptyFolders, ShareLayout layout)
    {
        Bytes = bytes;
        Root = Sha256Digest.Of(bytes);
        Files = files;
        EmptyFolders = emptyFolders;
        Layout = layout;
    }

    /// <summary>The files, in the order in which their chunks are numbered: by the UTF-8 bytes of their paths.</summary>
    public IReadOnlyList<ManifestFile> Files { get; }

    /// <summary>The folders in which there is nothing, in the same order.</summary>
    public IReadOnlyList<string> EmptyFolders { get; }

    /// <summary>How the chunks map to the files.</summary>
    public ShareLayout Layout { get; }

    /// <summary>The canonical bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>SHA-256 of the canonical bytes.</summary>
    public Sha256Digest Root { get; }

    /// <summary>Makes the manifest of a folder; entries may come in any order.</summary>
    /// <param name="chunkSize">A valid chunk size, with which the roots were computed.</param>
    /// <param name="files">The files.</param>
    /// <param name="emptyFolders">The folders in which there is nothing.</param>
    /// <param name="manifest">The result.</param>
    /// <param name="problem">When false: what is wrong, in words, with the path at fault.</param>
    public static bool TryCreate(
        int chunkSize,
        IEnumerable<ManifestFile> files,
        IEnumerable<string> emptyFolders,
        [NotNullWhen(true)] out ShareManifest? manifest,
        [NotNullWhen(false)] out string? problem)
    {
        manifest = null;
        if (!ChunkSize.IsValid(chunkSize)) throw new ArgumentOutOfRangeException(nameof(chunkSize));
        ManifestFile[] sortedFiles = [.. files];
        string[] sortedFolders = [.. emptyFolders];
        problem = ManifestRules.FindProblem(sortedFiles, sortedFolders);
        if (problem is not null) return false;
        Array.Sort(sortedFiles, (a, b) => ManifestRules.ComparePaths(a.Path, b.Path));
        Array.Sort(sortedFolders, ManifestRules.ComparePaths);
        manifest = Build(chunkSize, sortedFiles, sortedFolders, null);
        if (manifest is null) problem = "The folder is too large to be shared.";
        return manifest is not null;
    }

    /// <summary>Reads canonical bytes, as they came from a peer; false when they are malformed, not canonical, or break a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ShareManifest? manifest)
    {
        manifest = null;
        if (!ManifestCodec.TryRead(bytes, out int chunkSize, out ManifestFile[] files, out string[] folders)) return false;
        if (ManifestRules.FindProblem(files, folders) is not null) return false;
        manifest = Build(chunkSize, files, folders, bytes.ToArray());
        return manifest is not null;
    }

    /// <summary>The descriptor of the folder under a name.</summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public ShareDescriptor Describe(string name) => new(name, ShareKind.Directory, Layout.SizeBytes, Layout.ChunkSize, Root);

    private static ShareManifest? Build(int chunkSize, ManifestFile[] files, string[] folders, byte[]? bytes)
    {
        ShareLayout? layout = ShareLayout.TryCreate(chunkSize, files);
        if (layout is null) return null;
        bytes ??= ManifestCodec.Write(chunkSize, files, folders);
        return bytes.Length > MaxBytes ? null : new ShareManifest(bytes, files, folders, layout);
    }
}
