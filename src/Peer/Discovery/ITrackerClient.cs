using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>
/// The tracker as a peer sees it. Failures are <see cref="P2PException"/>s: <see cref="P2PErrorReason.TrackerUnreachable"/> when nothing sensible comes
/// back, <see cref="P2PErrorReason.TrackerRefused"/> when it answers with an error. All members are thread-safe.
/// </summary>
internal interface ITrackerClient : IAsyncDisposable
{
    /// <summary>Called with each offer that another peer sends; on the socket's loop, so it must not block.</summary>
    event Action<RendezvousOffer>? OfferReceived;

    /// <summary>The address under which the tracker lists this peer; null before the first registration.</summary>
    TransportAddress? ListedAddress { get; }

    /// <summary>Who has the share? (Flag 1; flag 2 with <paramref name="refresh"/>.)</summary>
    /// <param name="name">The name of the share.</param>
    /// <param name="root">Only peers with this content; null for the content that the tracker holds for the name's.</param>
    /// <param name="refresh">Whether this asks again for an updated list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<SwarmListing> LookupAsync(string name, Sha256Digest? root, bool refresh, CancellationToken cancellationToken);

    /// <summary>The names of all listed shares. (Flag 6.)</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>What the tracker knows of one name; null when nothing. (Flag 7.)</summary>
    Task<FileSummary?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps this registered until <see cref="Withdraw"/> (flag 4; flag 3 for what is added later), through restarts of the tracker too. Chunks are only
    /// ever added: call it again with the larger set, as often as you like; changes are sent in batches.
    /// </summary>
    void Announce(Registration registration);

    /// <summary>Waits for the tracker's first word on an announced share.</summary>
    /// <returns>True when the tracker lists it; false when it refused or was silent: then the client goes on trying.</returns>
    Task<bool> WaitUntilRegisteredAsync(string name, CancellationToken cancellationToken);

    /// <summary>Takes a share off the tracker's list.</summary>
    void Withdraw(string name);

    /// <summary>Tells at which public address this peer is reached, as STUN or the router says; null for the address that the tracker sees.</summary>
    void SetPublicAddress(TransportAddress? address);

    /// <summary>Keeps this peer known to the tracker from now on, with or without shares, so that others can send offers to it.</summary>
    void KeepPresent();

    /// <summary>The tracker's relay, and the user that it made there for this peer; waits for the tracker's first word. Null when it has none, or is silent.</summary>
    Task<RelayGrant?> GetRelayAsync(CancellationToken cancellationToken);

    /// <summary>Sends an offer to a registered peer. Once, after the tracker confirmed; the receiver answers by an offer of its own.</summary>
    /// <returns>False when the tracker knows no such peer.</returns>
    Task<bool> SendOfferAsync(PeerId to, ReadOnlyMemory<byte> offer, CancellationToken cancellationToken);

    /// <summary>Leaves all swarms (flag 5) and stops refreshing. Waits a short while for the confirmation, and does not fail without.</summary>
    Task LeaveAsync(CancellationToken cancellationToken);
}
