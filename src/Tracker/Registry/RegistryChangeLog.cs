using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Remembers who changed since other trackers were told last: names, not states, so that many changes of one entry are told once and order does not
/// matter. Bounded: when too many changed, it forgets them all and says so, and everything is to be told anew.
/// </summary>
internal sealed class RegistryChangeLog
{
    /// <summary>Most registrants, and most entries, that are remembered.</summary>
    public const int DefaultMaxKeys = 1_000_000;

    private const int MaxOffers = 4_096;

    private readonly int _maxKeys;
    private readonly Queue<RemoteOffer> _offers = [];
    private readonly Dictionary<RegistrantKey, MonotonicTime> _registrants = [];
    private readonly HashSet<EntryKey> _entries = [];
    private readonly Queue<RegistrantKey> _registrantOrder = [];
    private readonly Queue<EntryKey> _entryOrder = [];
    private readonly Queue<Surrender> _surrendered = [];

    /// <param name="leaseSlack">How much longer than granted other trackers are told that leases run; see <see cref="LeaseSlack"/>.</param>
    /// <param name="maxKeys">Most registrants, and most entries, that are remembered.</param>
    public RegistryChangeLog(TimeSpan leaseSlack, int maxKeys = DefaultMaxKeys)
    {
        LeaseSlack = leaseSlack;
        _maxKeys = maxKeys;
    }

    /// <summary>
    /// A renewed lease is told only when it would outlast what was told before, so this spares most of the writes that renewals would take. A lease
    /// that ends here is told at once; the slack only shows when this tracker dies.
    /// </summary>
    public TimeSpan LeaseSlack { get; }

    /// <summary>Whether changes were forgotten since <see cref="TakeOverflow"/>.</summary>
    public bool HasOverflowed { get; private set; }

    /// <summary>How many registrants and entries wait to be told.</summary>
    public int Count => _registrants.Count + _entries.Count;

    /// <summary>Notes that a registrant came, changed or went.</summary>
    /// <param name="key">Who.</param>
    /// <param name="claim">When it came to this tracker; for one that left by itself, when it left.</param>
    public void Mark(in RegistrantKey key, MonotonicTime claim)
    {
        if (_registrantOrder.Count >= _maxKeys && !_registrants.ContainsKey(key)) Overflow();
        if (_registrants.TryAdd(key, claim)) _registrantOrder.Enqueue(key);
        else _registrants[key] = claim;
    }

    /// <summary>Notes that an entry came, changed or went.</summary>
    public void MarkEntry(in RegistrantKey owner, byte[] name)
    {
        if (_entries.Count >= _maxKeys) Overflow();
        var key = new EntryKey(owner, name);
        if (_entries.Add(key)) _entryOrder.Enqueue(key);
    }

    /// <summary>
    /// Notes that a registrant now belongs to another tracker. Ours is withdrawn a while later: until then the other can take over what it does not know yet.
    /// </summary>
    public void MarkSurrendered(in RegistrantKey key, MonotonicTime claim, MonotonicTime due)
    {
        if (_surrendered.Count >= _maxKeys) Overflow();
        _surrendered.Enqueue(new Surrender(key, claim, due));
    }

    /// <summary>Whether news of a registrant waits to be told.</summary>
    public bool IsMarked(in RegistrantKey key) => _registrants.ContainsKey(key);

    /// <summary>Forgets a registrant that nobody was told of.</summary>
    public void Forget(in RegistrantKey key) => _registrants.Remove(key);

    /// <summary>Whether changes were forgotten since the last call; then everything is to be told anew.</summary>
    public bool TakeOverflow()
    {
        bool overflowed = HasOverflowed;
        HasOverflowed = false;
        return overflowed;
    }

    /// <summary>Takes a registrant to tell of; false when there is none.</summary>
    public bool TryTake(MonotonicTime now, out RegistrantKey key, out MonotonicTime claim)
    {
        while (_surrendered.TryPeek(out Surrender first) && first.Due <= now)
        {
            _surrendered.Dequeue();
            if (!_registrants.ContainsKey(first.Key)) Mark(first.Key, first.Claim);
        }

        while (_registrantOrder.TryDequeue(out key))
        {
            if (_registrants.Remove(key, out claim)) return true;
        }

        (key, claim) = (default, default);
        return false;
    }

    /// <summary>Takes an entry to tell of; false when there is none.</summary>
    public bool TryTakeEntry(out RegistrantKey owner, out byte[] name)
    {
        if (_entryOrder.TryDequeue(out EntryKey entry))
        {
            _entries.Remove(entry);
            (owner, name) = (entry.Owner, entry.Name);
            return true;
        }

        (owner, name) = (default, []);
        return false;
    }

    /// <summary>Keeps an offer that another tracker has to forward; false when too many wait.</summary>
    public bool TryAddOffer(RemoteOffer offer)
    {
        if (_offers.Count >= MaxOffers) return false;
        _offers.Enqueue(offer);
        return true;
    }

    /// <summary>Takes the offers that other trackers have to forward.</summary>
    public void TakeOffers(List<RemoteOffer> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        into.AddRange(_offers);
        _offers.Clear();
    }

    /// <summary>Puts back what could not be told.</summary>
    public void Return(RegistryChanges untold)
    {
        ArgumentNullException.ThrowIfNull(untold);
        foreach (RegistrantRecord registrant in untold.Registrants)
        {
            if (!_registrants.ContainsKey(registrant.Key)) Mark(registrant.Key, registrant.ClaimedAt);
        }

        foreach (EntryRecord entry in untold.Entries) MarkEntry(entry.Owner, entry.Name);
    }

    private void Overflow()
    {
        _registrants.Clear();
        _entries.Clear();
        _registrantOrder.Clear();
        _entryOrder.Clear();
        _surrendered.Clear();
        HasOverflowed = true;
    }

    private readonly record struct Surrender(RegistrantKey Key, MonotonicTime Claim, MonotonicTime Due);

    private readonly record struct EntryKey(RegistrantKey Owner, byte[] Name)
    {
        public bool Equals(EntryKey other) => Owner == other.Owner && Name.AsSpan().SequenceEqual(other.Name);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(Owner);
            hash.AddBytes(Name);
            return hash.ToHashCode();
        }
    }
}
