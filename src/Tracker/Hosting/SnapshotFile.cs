using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Snapshots;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>
/// Reads a snapshot from the disk: once to see that all of it is good, and once more to bring back what it holds. Or changes that followed one: block by block.
/// </summary>
internal sealed class SnapshotFile(string path, RegistryDoor door)
{
    private const int BufferBytes = 1 << 20;

    private readonly List<SnapshotContent> _contents = [];
    private readonly byte[] _header = new byte[SnapshotFormat.HeaderBytes];
    private byte[] _payload = new byte[BufferBytes];

    /// <summary>Entries that came back.</summary>
    public long Restored { get; private set; }

    /// <summary>Registrants that were read, those that left among them.</summary>
    public long Registrants { get; private set; }

    /// <summary>Entries whose leases had ended meanwhile.</summary>
    public long Expired { get; private set; }

    /// <summary>Entries for which limits left no room.</summary>
    public long Refused { get; private set; }

    /// <summary>How long ago the snapshot was begun.</summary>
    public TimeSpan Age { get; private set; }

    /// <summary>Brings back what the file holds; when it is not good, nothing of it.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public SnapshotError Load(CancellationToken cancellationToken)
    {
        SnapshotError error = Read(applies: false, cancellationToken);
        return error == SnapshotError.None ? Read(applies: true, cancellationToken) : error;
    }

    /// <summary>
    /// Brings back changes that were written after a snapshot was begun. They may end anywhere, since their writer may have been killed: what stands before
    /// the end counts.
    /// </summary>
    /// <returns>Whether nothing is torn at the end.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Replay(CancellationToken cancellationToken)
    {
        using FileStream file = Open();
        if (TryReadHeader(file, out uint seed) != SnapshotError.None) return false;
        for (uint number = 0; file.Position < file.Length; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryReadPayload(file, seed, number, out int bytes) != SnapshotError.None || !IsGood(_payload.AsSpan(0, bytes))) return false;
            Apply(bytes);
        }

        return true;
    }

    private FileStream Open() => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);

    private SnapshotError TryReadHeader(FileStream file, out uint seed)
    {
        int length = file.ReadAtLeast(_header, _header.Length, throwOnEndOfStream: false);
        SnapshotError error = SnapshotFormat.TryReadHeader(_header.AsSpan(0, length), out long unixMillis, out seed);
        if (error == SnapshotError.None) Age = door.TimeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(unixMillis);
        return error;
    }

    private SnapshotError Read(bool applies, CancellationToken cancellationToken)
    {
        using FileStream file = Open();
        SnapshotError error = TryReadHeader(file, out uint seed);
        if (error != SnapshotError.None) return error;
        for (uint number = 0; ; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            error = TryReadPayload(file, seed, number, out int bytes);
            if (error != SnapshotError.None) return error;
            ReadOnlySpan<byte> payload = _payload.AsSpan(0, bytes);
            if (SnapshotReader.TryReadEnd(payload, out _, out _)) return file.ReadByte() < 0 ? SnapshotError.None : SnapshotError.Malformed;
            if (applies) Apply(bytes);
            else if (!IsGood(payload)) return SnapshotError.Malformed;
        }
    }

    private SnapshotError TryReadPayload(FileStream file, uint seed, uint number, out int bytes)
    {
        Span<byte> header = stackalloc byte[SnapshotFormat.BlockHeaderBytes];
        bytes = 0;
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length) return SnapshotError.Truncated;
        bytes = SnapshotFormat.ReadPayloadLength(header, number);
        if (bytes == 0) return SnapshotError.BadChecksum;
        if (bytes > _payload.Length) _payload = new byte[SnapshotFormat.MaxPayloadBytes];
        if (file.ReadAtLeast(_payload.AsSpan(0, bytes), bytes, throwOnEndOfStream: false) < bytes) return SnapshotError.Truncated;
        return SnapshotFormat.IsIntact(header, seed, _payload.AsSpan(0, bytes)) ? SnapshotError.None : SnapshotError.BadChecksum;
    }

    private bool IsGood(ReadOnlySpan<byte> payload)
    {
        var reader = new SnapshotReader(payload, _contents);
        while (reader.TryReadRegistrant(out _))
        {
            while (reader.TryReadEntry(out _))
            {
            }
        }

        return reader.IsAtEnd;
    }

    private void Apply(int bytes) => door.Enter((registry, now) =>
    {
        var chunks = new ChunkSet();
        byte[] text = [];
        var reader = new SnapshotReader(_payload.AsSpan(0, bytes), _contents);
        while (reader.TryReadRegistrant(out SnapshotRegistrant told))
        {
            TimeSpan lease = told.LeaseEnd - Age;
            Registrants++;
            if (lease <= TimeSpan.Zero && registry.Find(told.Key) is { } left) registry.Remove(left);
            Registrant? registrant = registry.Restore(now, told.Key, lease);
            if (registrant is not null)
            {
                registrant.Listed = told.Listed;
                registrant.Candidates = told.Candidates.ToArray();
                registrant.SocketNumber = told.SocketNumber;
            }

            while (reader.TryReadEntry(out SnapshotEntry entry))
            {
                if (lease <= TimeSpan.Zero) Expired++;
                else if (registrant is not null && TryAdd(registry, registrant, entry, chunks, ref text)) Restored++;
                else Refused++;
            }
        }
    });

    private static bool TryAdd(TrackerRegistry registry, Registrant registrant, in SnapshotEntry entry, ChunkSet chunks, ref byte[] text)
    {
        chunks.Clear();
        SnapshotRuns runs = entry.Runs;
        while (runs.TryRead(out ChunkRange run)) chunks.Add(run);
        int most = chunks.RunCount * (ChunkText.MaxRunLength + 1);
        if (text.Length < most) text = new byte[most * 2];
        int length = 0;
        if (!chunks.IsEmpty) chunks.TryFormat(text, 0, out length, out _);
        var offering = new Offering { Name = entry.Name, Chunk = -1, Chunks = text.AsSpan(0, length), Content = entry.Content, IsListed = entry.IsListed };
        return registry.Add(registrant, offering) == RegistryResult.Done;
    }
}
