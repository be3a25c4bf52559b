using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>A program with a lease, and what it has registered.</summary>
internal sealed class Registrant(RegistrantKey key)
{
    /// <summary>Who it is.</summary>
    public RegistrantKey Key { get; } = key;

    /// <summary>Where other peers are told to reach it.</summary>
    public TransportAddress Listed { get; set; }

    /// <summary>Further addresses, in wire form; empty for none.</summary>
    public byte[] Candidates { get; set; } = [];

    /// <summary>Number of the tracker's socket that its requests reach: the one whose datagrams pass its NAT.</summary>
    public int Socket { get; set; }

    /// <summary>What it has registered.</summary>
    public Dictionary<SharedFile, SwarmEntry> Entries { get; } = [];

    /// <summary>The second in which the lease ends; -1 when no lease runs. Belongs to <see cref="LeaseWheel"/>.</summary>
    public long LeaseTick { get; set; } = -1;

    /// <summary>Neighbour in the list of <see cref="LeaseWheel"/>.</summary>
    public Registrant? NextLease { get; set; }

    /// <summary>Neighbour in the list of <see cref="LeaseWheel"/>.</summary>
    public Registrant? PreviousLease { get; set; }
}
