namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>Which of our records a message carries.</summary>
[Flags]
internal enum MdnsRecords
{
    None = 0,
    Pointer = 1,
    Enumeration = 2,
    Service = 4,
    Text = 8,
    Addresses = 16,

    /// <summary>That the instance has no other types (RFC 6762 §6.1).</summary>
    NoOtherInstanceTypes = 32,

    /// <summary>That the host has no other types.</summary>
    NoOtherHostTypes = 64,

    All = Pointer | Enumeration | Service | Text | Addresses | NoOtherInstanceTypes | NoOtherHostTypes,
}
