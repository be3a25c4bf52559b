using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>A program with a lease, and what it has registered.</summary>
internal sealed class Registrant(RegistrantKey key, EntryStore store)
{
    /// <summary>Who it is.</summary>
    public RegistrantKey Key { get; } = key;

    /// <summary>Whether this is its key. Compares without copying.</summary>
    public bool HasKey(in RegistrantKey key) => Key.Equals(key);

    /// <summary>Where other peers are told to reach it.</summary>
    public TransportAddress Listed { get; set; }

    /// <summary>Further addresses, in wire form; empty for none.</summary>
    public byte[] Candidates { get; set; } = [];

    /// <summary>Number of the tracker's socket that its requests reach: the one whose datagrams pass its NAT.</summary>
    public int SocketNumber { get; set; }

    /// <summary>The tracker to which it belongs; null for this one.</summary>
    public RegistryOrigin? Origin { get; set; }

    /// <summary>When it came to the tracker to which it belongs.</summary>
    public MonotonicTime ClaimedAt { get; set; }

    /// <summary>The end of the lease that other trackers know of.</summary>
    public MonotonicTime ToldUntil { get; set; }

    /// <summary>Whether other trackers may know of it.</summary>
    public bool IsTold { get; set; }

    /// <summary>The end of the lease that is known on the disk. Belongs to <see cref="RegistryJournal"/>.</summary>
    public MonotonicTime SavedUntil { get; set; }

    /// <summary>Whether it waits to be written down. Belongs to <see cref="RegistryJournal"/>.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Its number in the store.</summary>
    public int Id { get; set; }

    /// <summary>Whether it asked to go, and its entries are being removed.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Whether it is found by its peer id.</summary>
    public bool IsFoundByPeerId { get; set; }

    /// <summary>What it has registered.</summary>
    public OwnedEntries Entries => new(store, this);

    /// <summary>How many entries that are. Belongs to <see cref="EntryStore"/>.</summary>
    public int EntryCount { get; set; }

    /// <summary>The first of them. Belongs to <see cref="EntryStore"/>.</summary>
    public int FirstEntry { get; set; } = EntryData.None;

    /// <summary>Its place in the order in which a snapshot goes through all registrants.</summary>
    public int Place { get; set; }

    /// <summary>The second in which the lease ends; -1 when no lease runs. Belongs to <see cref="LeaseWheel"/>.</summary>
    public long LeaseTick { get; set; } = -1;

    /// <summary>Number of the next registrant in the list of <see cref="LeaseWheel"/>; -1 for none.</summary>
    public int NextLease { get; set; } = -1;

    /// <summary>Number of the registrant before in the list of <see cref="LeaseWheel"/>; -1 for none.</summary>
    public int PreviousLease { get; set; } = -1;
}
