using System.Security.Cryptography;
using System.Text;

namespace CS3103P2P.Peer;

/// <summary>The names that a download uses, all beside its target: <c>NAME.p2p-part</c>, <c>NAME.p2p-resume</c>, and <c>NAME.p2p-resume.damaged</c>.</summary>
internal sealed class DownloadPaths
{
    private const string PartialSuffix = ".p2p-part";
    private const string JournalSuffix = ".p2p-resume";
    private const string DamagedSuffix = ".damaged";
    private const string ReplacedSuffix = ".p2p-old";
    private const int MaxNameBytes = 255;

    /// <summary>Derives the names from the path of the target.</summary>
    /// <exception cref="StorageException">The path has no name at its end.</exception>
    internal DownloadPaths(string target)
    {
        Target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        string name = Path.GetFileName(Target);
        if (name.Length == 0) throw new StorageException(StorageErrorReason.InvalidPath, $"'{target}' cannot be the target of a download.");
        Folder = Path.GetDirectoryName(Target)!;

        // A name so long that no suffix fits is replaced by its hash.
        bool fits = Encoding.UTF8.GetByteCount(name) + JournalSuffix.Length + DamagedSuffix.Length <= MaxNameBytes;
        string stem = fits ? name : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        stem = Path.Combine(Folder, stem);
        Partial = stem + PartialSuffix;
        Journal = stem + JournalSuffix;
        DamagedJournal = Journal + DamagedSuffix;
        Replaced = stem + ReplacedSuffix;
    }

    /// <summary>The final path.</summary>
    internal string Target { get; }

    /// <summary>The folder that contains all of them.</summary>
    internal string Folder { get; }

    /// <summary>The file or folder while it is incomplete.</summary>
    internal string Partial { get; }

    /// <summary>The journal.</summary>
    internal string Journal { get; }

    /// <summary>A damaged journal, set aside.</summary>
    internal string DamagedJournal { get; }

    /// <summary>What stood at the target while it is being replaced.</summary>
    internal string Replaced { get; }
}
