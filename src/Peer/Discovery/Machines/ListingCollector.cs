using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>Puts the pages of a lookup together: one peer a program, however many entries and pages its chunks took.</summary>
internal sealed class ListingCollector
{
    private const int MaxPeers = 1_000;
    private const int MaxRunsPerPeer = 65_536;

    private readonly Dictionary<(TransportAddress Address, PeerId Id), SwarmPeer> _peers = [];

    /// <summary>What the content is, when the tracker says.</summary>
    public ShareDescriptor? Descriptor { get; private set; }

    /// <summary>Takes the description that stands in a reply.</summary>
    public void Describe(string name, in TrackerExtensions extensions)
    {
        if (Descriptor is not null || !extensions.DescribesContent) return;
        if (ShareDescriptor.TryCreate(name, extensions.Kind, extensions.Size, extensions.ChunkSize, extensions.Root, out ShareDescriptor? descriptor))
        {
            Descriptor = descriptor;
        }
    }

    /// <summary>Takes the entries of a reply; false where they are malformed. Entries of other names are passed over.</summary>
    public bool TryAdd(string name, ReadOnlySpan<byte> body)
    {
        Span<byte> decoded = stackalloc byte[ShareName.MaxBytes];
        Span<byte> expected = stackalloc byte[ShareName.MaxBytes];
        if (!System.Text.Encoding.UTF8.TryGetBytes(name, expected, out int expectedBytes)) return false;
        var entries = new TrackerEntryReader(body);
        while (entries.TryRead(out TrackerEntry entry))
        {
            if (!TrackerName.TryDecode(entry.Name, decoded, out int decodedBytes)) return false;
            if (decoded[..decodedBytes].SequenceEqual(expected[..expectedBytes])) Add(entry);
        }

        return entries.IsAtEnd;
    }

    public SwarmListing ToListing() => new(Descriptor, [.. _peers.Values]);

    private void Add(in TrackerEntry entry)
    {
        if (!_peers.TryGetValue((entry.Address, entry.Peer), out SwarmPeer? peer))
        {
            if (_peers.Count == MaxPeers) return;
            peer = new SwarmPeer(entry.Address, entry.Peer.IsEmpty ? null : entry.Peer, new ChunkSet(), ReadCandidates(entry.Candidates));
            _peers.Add((entry.Address, entry.Peer), peer);
        }

        // A peer with more runs than that keeps the first ones; it tells the rest itself when it is asked.
        if (!entry.Chunks.IsEmpty) peer.Chunks.TryAddText(entry.Chunks, MaxRunsPerPeer);
    }

    private static List<TransportAddress> ReadCandidates(ReadOnlySpan<byte> text)
    {
        var candidates = new List<TransportAddress>();
        var reader = new TrackerCandidateReader(text);
        while (candidates.Count < TrackerLimits.MaxCandidates && reader.TryRead(out TransportAddress address)) candidates.Add(address);
        return candidates;
    }
}
