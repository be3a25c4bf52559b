namespace CS3103P2P.Protocol;

/// <summary>One file of a shared folder.</summary>
/// <param name="Path">Path below the folder, with <c>/</c> between its parts; see <see cref="ManifestPath"/>.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="Root">Root of the file's Merkle tree; all zero for a file of no bytes.</param>
public readonly record struct ManifestFile(string Path, long Length, Sha256Digest Root);
