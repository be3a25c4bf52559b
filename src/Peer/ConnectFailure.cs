using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Peer;

/// <summary>An attempt to connect with a peer that failed.</summary>
/// <param name="Peer">The peer; null when only an address was known.</param>
/// <param name="Address">The address that was tried; null when the way was looked for through NATs.</param>
/// <param name="Reason">Why, for the program.</param>
/// <param name="Message">Why, for a person: part of a sentence.</param>
public sealed record ConnectFailure(PeerId? Peer, TransportAddress? Address, ConnectFailureReason Reason, string Message)
{
    /// <summary>This side's NAT; null while that is not known, or does not matter.</summary>
    public IceNat? LocalNat { get; init; }

    /// <summary>The peer's NAT, as it said; null when it did not, or when that does not matter.</summary>
    public IceNat? RemoteNat { get; init; }

    /// <summary>Whether only the peer asked for this connection.</summary>
    public bool IsAskedByPeer { get; init; }

    /// <summary>Whom and why, on one line.</summary>
    public override string ToString() => Peer is not { } id ? $"{Address}: {Message}" : Address is null ? $"{id.ToShortString()}: {Message}" : $"{id.ToShortString()} at {Address}: {Message}";
}
