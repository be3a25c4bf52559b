namespace CS3103P2P.Stun.PortMapping;

/// <summary>What a mapping forwards, by IANA protocol number.</summary>
internal enum MappingTransport : byte
{
    Tcp = 6,
    Udp = 17,
}
