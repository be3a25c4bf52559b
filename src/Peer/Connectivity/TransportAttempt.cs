namespace CS3103P2P.Peer.Connectivity;

/// <summary>A way to a peer that worked: the secured stream, and how it runs.</summary>
internal readonly record struct TransportAttempt(SecuredStream Secured, string Transport);
