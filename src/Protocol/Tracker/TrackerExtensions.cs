namespace CS3103P2P.Protocol;

/// <summary>
/// The <c>key=value</c> tokens at the end of a message, read in one pass without allocation. Unknown keys are passed over. What stands here is
/// well formed; whether it makes sense is the reader's business.
/// </summary>
public ref struct TrackerExtensions
{
    /// <summary><c>id=</c> is there.</summary>
    public readonly bool HasId => (Seen & Key.Id) != 0;

    /// <summary><c>id=</c>: chosen by the requester, echoed by the tracker.</summary>
    public ReadOnlySpan<byte> Id { get; internal set; }

    /// <summary><c>cookie=</c> is there.</summary>
    public readonly bool HasCookie => (Seen & Key.Cookie) != 0;

    /// <summary><c>cookie=</c>: proves that the sender receives at its address.</summary>
    public ulong Cookie { get; internal set; }

    /// <summary><c>chunks=</c> is there, perhaps empty.</summary>
    public readonly bool HasChunks => (Seen & Key.Chunks) != 0;

    /// <summary><c>chunks=</c>: runs such as <c>1-512,600</c>; valid text for <see cref="ChunkText"/> or empty.</summary>
    public ReadOnlySpan<byte> Chunks { get; internal set; }

    /// <summary><c>page=</c>: the mark that the reply before gave as <c>next=</c>.</summary>
    public ReadOnlySpan<byte> Page { get; internal set; }

    /// <summary><c>next=</c>: there is more; ask with this mark.</summary>
    public ReadOnlySpan<byte> Next { get; internal set; }

    /// <summary><c>size=</c> is there.</summary>
    public readonly bool HasSize => (Seen & Key.Size) != 0;

    /// <summary><c>size=</c>: length of the content in bytes.</summary>
    public long Size { get; internal set; }

    /// <summary><c>chunk=</c>: length of a chunk in bytes; 0 when absent.</summary>
    public int ChunkSize { get; internal set; }

    /// <summary><c>root=</c> is there.</summary>
    public readonly bool HasRoot => (Seen & Key.Root) != 0;

    /// <summary><c>root=</c>: the root of the content.</summary>
    public Sha256Digest Root { get; internal set; }

    /// <summary><c>kind=file</c> (also when absent) or <c>kind=directory</c>.</summary>
    public ShareKind Kind { get; internal set; }

    /// <summary><c>peer=</c>: the id of the sender; of the originator in a forwarded offer. Empty when absent.</summary>
    public PeerId Peer { get; internal set; }

    /// <summary><c>to=</c>: the id of the peer that an offer is for. Empty when absent.</summary>
    public PeerId To { get; internal set; }

    /// <summary><c>lease=</c>: seconds; 0 when absent.</summary>
    public int LeaseSeconds { get; internal set; }

    /// <summary><c>unlisted=1</c>: keep the name out of the list of files.</summary>
    public bool Unlisted { get; internal set; }

    /// <summary><c>cand=</c>: further addresses of the sender, with commas between; read them with <see cref="TrackerCandidateReader"/>.</summary>
    public ReadOnlySpan<byte> Candidates { get; internal set; }

    /// <summary><c>offer=</c>: a connection offer in base64url.</summary>
    public ReadOnlySpan<byte> Offer { get; internal set; }

    /// <summary><c>address=</c>: the address that the tracker lists, or an offer's originator as the tracker sees it. Unspecified when absent.</summary>
    public TransportAddress Address { get; internal set; }

    /// <summary><c>name=</c>: limits an exit to one file; in wire form.</summary>
    public ReadOnlySpan<byte> Name { get; internal set; }

    /// <summary><c>files=</c> is there.</summary>
    public readonly bool HasFiles => (Seen & Key.Files) != 0;

    /// <summary><c>files=</c>: how many files the sender has registered.</summary>
    public int Files { get; internal set; }

    /// <summary><c>peers=</c> is there.</summary>
    public readonly bool HasPeers => (Seen & Key.Peers) != 0;

    /// <summary><c>peers=</c>: how many peers have something of the file.</summary>
    public int Peers { get; internal set; }

    /// <summary><c>want=relay</c>: the sender asks for <see cref="Relay"/> and a user of it.</summary>
    public bool WantsRelay { get; internal set; }

    /// <summary><c>relay=</c>: a TURN server, by UDP and TCP. Unspecified when absent.</summary>
    public TransportAddress Relay { get; internal set; }

    /// <summary><c>relayuser=</c>: the user name there.</summary>
    public ReadOnlySpan<byte> RelayUser { get; internal set; }

    /// <summary><c>relaypass=</c>: the password there.</summary>
    public ReadOnlySpan<byte> RelayPassword { get; internal set; }

    /// <summary><c>relaylife=</c>: for how many seconds the user exists; 0 when absent.</summary>
    public int RelayLifeSeconds { get; internal set; }

    /// <summary>Whether any known key was there: the sender understands extended replies.</summary>
    public readonly bool Any => Seen != 0;

    /// <summary>Whether the keys that describe content are all there.</summary>
    public readonly bool DescribesContent => HasSize && HasRoot && ChunkSize != 0;

    internal Key Seen { get; set; }

    [Flags]
    internal enum Key
    {
        None = 0,
        Id = 1,
        Cookie = 1 << 1,
        Chunks = 1 << 2,
        Page = 1 << 3,
        Next = 1 << 4,
        Size = 1 << 5,
        ChunkSize = 1 << 6,
        Root = 1 << 7,
        Kind = 1 << 8,
        Peer = 1 << 9,
        To = 1 << 10,
        Lease = 1 << 11,
        Unlisted = 1 << 12,
        Candidates = 1 << 13,
        Offer = 1 << 14,
        Address = 1 << 15,
        Name = 1 << 16,
        Files = 1 << 17,
        Peers = 1 << 18,
        Want = 1 << 19,
        Relay = 1 << 20,
        RelayUser = 1 << 21,
        RelayPassword = 1 << 22,
        RelayLife = 1 << 23,
    }
}
