namespace CS3103P2P.Peer.Connectivity;

/// <summary>What became of an attempt to connect: a connection, or why there is none. Neither when the peer must not be used, or was reached otherwise.</summary>
internal readonly record struct ConnectOutcome(PeerConnection? Connection, ConnectFailure? Failure)
{
    public static implicit operator ConnectOutcome(PeerConnection? connection) => new(connection, null);

    public static implicit operator ConnectOutcome(ConnectFailure? failure) => new(null, failure);
}
