namespace CS3103P2P.Peer;

/// <summary>What a download starts from.</summary>
internal sealed record OpenedDownload(ResumeJournal Journal, DownloadBody? Body, long SyncedPosition, IReadOnlyCollection<int> DirtyFiles);
