using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Who owns entries: what the owner cannot change without being somebody else. With a cookie, the address that it proved and the peer id; without,
/// the IP address that the datagram came from and the address that it names, since such programs use a new port for each request.
/// </summary>
internal readonly record struct RegistrantKey
{
    private RegistrantKey(TransportAddress source, PeerId peer, TransportAddress named)
    {
        Source = source;
        Peer = peer;
        Named = named;
    }

    /// <summary>Where the requests come from; port 0 without a cookie.</summary>
    public TransportAddress Source { get; }

    /// <summary>The peer id; empty without a cookie, or when the peer gives none.</summary>
    public PeerId Peer { get; }

    /// <summary>The address that a program without a cookie names; otherwise none.</summary>
    public TransportAddress Named { get; }

    /// <summary>Whether a cookie protects the entries.</summary>
    public bool IsProven => Source.Port != 0;

    /// <summary>The owner that proved its address.</summary>
    public static RegistrantKey Proven(TransportAddress source, PeerId peer) => new(source, peer, default);

    /// <summary>The owner that proved nothing.</summary>
    public static RegistrantKey Unproven(TransportAddress source, TransportAddress named) => new(source.WithPort(0), default, named);
}
