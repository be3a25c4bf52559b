namespace CS3103P2P.Peer;

/// <summary>What lies in a folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="LinkTarget">For a symbolic link the full path to which it leads in the end; otherwise null.</param>
internal readonly record struct DiskChild(string Name, bool IsFolder, string? LinkTarget);
