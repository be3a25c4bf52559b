using CS3103P2P.Peer;
using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>A file or directory as it truly is, known to the judge alone.</summary>
internal sealed class SharedFact
{
    private readonly List<ReadOnlyMemory<byte>> _chunks = [];

    /// <param name="name">Its name.</param>
    /// <param name="files">Its files in the order of a manifest; a single file has the empty path.</param>
    /// <param name="chunkSize">Bytes a chunk.</param>
    /// <param name="isPrivate">Whether one needs its ticket.</param>
    public SharedFact(string name, IReadOnlyList<(string Path, byte[] Content)> files, int chunkSize, bool isPrivate)
    {
        Name = name;
        Files = files;
        ChunkSize = chunkSize;
        IsPrivate = isPrivate;
        foreach ((_, byte[] content) in files)
        {
            for (int at = 0; at < content.Length; at += chunkSize) _chunks.Add(content.AsMemory(at, Math.Min(chunkSize, content.Length - at)));
        }
    }

    public string Name { get; }

    public IReadOnlyList<(string Path, byte[] Content)> Files { get; }

    public int ChunkSize { get; }

    public bool IsPrivate { get; }

    public bool IsDirectory => Files.Count != 1 || Files[0].Path.Length > 0;

    public int ChunkCount => _chunks.Count;

    public long SizeBytes => Files.Sum(file => (long)file.Content.Length);

    /// <summary>The last ticket made for it; null before it was shared.</summary>
    public string? Ticket { get; private set; }

    /// <summary>All names under which trackers have known it.</summary>
    public HashSet<string> TrackerNames { get; } = [];

    /// <summary>What a chunk holds.</summary>
    public ReadOnlySpan<byte> Chunk(int chunk) => _chunks[chunk].Span;

    /// <summary>It was shared, maybe anew.</summary>
    public void Learn(Share share)
    {
        Ticket = share.Ticket;
        TrackerNameOf(share.Ticket);
    }

    /// <summary>The name by which the tracker knows it, as a ticket says.</summary>
    public string TrackerNameOf(string ticket)
    {
        if (!ShareTicket.TryParse(ticket, out ShareTicket? parsed)) throw new InvalidOperationException("A node made a ticket that cannot be read.");
        TrackerNames.Add(parsed.TrackerName);
        return parsed.TrackerName;
    }
}
