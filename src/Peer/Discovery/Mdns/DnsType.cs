namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>Record types (RFC 1035 §3.2.2, RFC 2782, RFC 3596, RFC 4034) that service discovery uses.</summary>
internal enum DnsType : ushort
{
    A = 1,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Nsec = 47,
    Any = 255,
}
