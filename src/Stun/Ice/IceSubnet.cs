using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>A network to which this machine has an interface.</summary>
/// <param name="Address">The interface's address; its port does not count.</param>
/// <param name="PrefixLength">The prefix, in bits of the address's own family.</param>
public readonly record struct IceSubnet(TransportAddress Address, int PrefixLength)
{
    /// <summary>Whether an address lies in the network.</summary>
    public bool Contains(TransportAddress other)
    {
        if (other.IsIPv4 != Address.IsIPv4) return false;
        int bits = Address.IsIPv4 ? PrefixLength + 96 : PrefixLength;
        if (bits is <= 0 or > 128) return false;
        return (Address.AddressBits ^ other.AddressBits) >> (128 - bits) == UInt128.Zero;
    }
}
