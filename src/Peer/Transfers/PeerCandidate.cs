using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>A peer that may have a share. Guarded by its <see cref="PeerFinder"/>.</summary>
internal sealed class PeerCandidate(TransportAddress address, PeerId? id)
{
    public TransportAddress Address { get; } = address;

    /// <summary>Who it is, when that is known beforehand.</summary>
    public PeerId? Id { get; } = id;

    /// <summary>Whether it is reached by its id, through NATs, and not at an address.</summary>
    public bool ByIce => Address == default;

    public bool IsDialling { get; set; }

    /// <summary>How many other addresses of the same peer were being dialled when its turn came.</summary>
    public int Rank { get; set; }

    /// <summary>How often it was tried.</summary>
    public int Tries { get; set; }
}
