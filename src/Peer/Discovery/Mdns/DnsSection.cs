namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>Where in a message a record stands.</summary>
internal enum DnsSection
{
    Answer = 0,
    Authority = 1,
    Additional = 2,
}
