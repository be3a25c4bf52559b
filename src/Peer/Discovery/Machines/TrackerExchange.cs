using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>One request to the tracker and what comes back, over as many pages as that takes. Belongs to the machine from its start to its end.</summary>
internal sealed class TrackerExchange(TrackerExchangeKind kind)
{
    /// <summary>Most pages of one answer that are asked for.</summary>
    public const int MaxPages = 256;

    /// <summary>Most names of one list that are kept.</summary>
    public const int MaxNames = 100_000;

    public TrackerExchangeKind Kind { get; } = kind;

    /// <summary>The share's name, of a lookup, a find, a withdrawal.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Of a lookup: only this content.</summary>
    public Sha256Digest? Root { get; init; }

    /// <summary>Of a lookup: flag 2 instead of 1.</summary>
    public bool IsUpdate { get; init; }

    /// <summary>Of an offer: for whom.</summary>
    public PeerId To { get; init; }

    /// <summary>Of an offer: what.</summary>
    public ReadOnlyMemory<byte> Offer { get; init; }

    /// <summary>Of a refresh: asks for the tracker's relay too.</summary>
    public bool WantsRelay { get; init; }

    /// <summary>Of a registration: whose.</summary>
    public RegistrationState? Registration { get; init; }

    /// <summary>Of a registration: the chunks that the request names.</summary>
    public ChunkSet SentChunks { get; } = new();

    /// <summary>Of a registration: whether more was to be told than the request had room for.</summary>
    public bool IsPartial { get; set; }

    /// <summary>Of a registration: its <see cref="RegistrationState.Generation"/> when the request was written.</summary>
    public int SentGeneration { get; set; }

    /// <summary>Of a registration: its <see cref="RegistrationState.Revision"/> when the request was written; -1 before.</summary>
    public int SentRevision { get; set; } = -1;

    /// <summary>Where an answered lookup collects peers.</summary>
    public ListingCollector Listing { get; } = new();

    /// <summary>The names of an answered list.</summary>
    public List<string> Names { get; } = [];

    /// <summary>Whether the name of a find is known, and how many peers have it.</summary>
    public bool IsFound { get; set; }

    public int PeerCount { get; set; }

    /// <summary>Of a refresh: it only finds out whether the tracker knows extensions after all.</summary>
    public bool IsProbe { get; init; }

    public TrackerExchangeStatus Status { get; set; }

    /// <summary>What the tracker said of an error.</summary>
    public TrackerErrorCode ErrorCode { get; set; }

    public string ErrorReason { get; set; } = string.Empty;

    /// <summary>The number in <c>id=</c>.</summary>
    public int Id { get; set; }

    /// <summary>The mark of the page that is asked for; empty for the first.</summary>
    public byte[] Page { get; set; } = [];

    public int PagesRead { get; set; }

    /// <summary>How often the present page was asked for.</summary>
    public int Sends { get; set; }

    /// <summary>Whether the request goes out in the form of the original document, for a tracker that knows no extensions.</summary>
    public bool IsLiteral { get; set; }

    /// <summary>The cookie that it was last sent with; null for none.</summary>
    public ulong? SentCookie { get; set; }

    /// <summary>How often the tracker did not know this peer when it was asked.</summary>
    public int Introductions { get; set; }

    /// <summary>Of a registration in the original document's form: the list of the existing implementation instead of one chunk.</summary>
    public bool InListForm { get; set; }

    /// <summary>Whether it is given up early, because there is another tracker to turn to.</summary>
    public bool IsQuick { get; set; }

    /// <summary>How long each of its sends waits for the answer.</summary>
    public ReadOnlySpan<long> WaitsMicros => IsQuick ? TrackerClientTimings.QuickWaitsMicros : TrackerClientTimings.WaitsMicros;

    /// <summary>When it is sent (again), or given up.</summary>
    public MonotonicTime DueAt { get; set; }

    /// <summary>Whether it is a question, which every tracker answers.</summary>
    public bool IsQuestion => Kind is TrackerExchangeKind.Lookup or TrackerExchangeKind.List or TrackerExchangeKind.Find;

    /// <summary>Whether the form of the original document can say it.</summary>
    public bool HasLiteralForm => IsQuestion || Kind is TrackerExchangeKind.Register or TrackerExchangeKind.Leave;

    /// <summary>Has it asked anew.</summary>
    public void Restart(MonotonicTime now)
    {
        Sends = 0;
        DueAt = now;
    }

    /// <summary>How long nothing had gone to the tracker before this was first sent; null before that.</summary>
    public TimeSpan? IdleBefore { get; set; }
}
