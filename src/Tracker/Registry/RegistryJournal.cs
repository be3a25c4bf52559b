namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Remembers which registrants changed or left since that was written down last. What stands there afterwards is their whole state, so many changes of
/// one are written once, and reading changes twice does no harm.
/// </summary>
internal sealed class RegistryJournal
{
    /// <summary>Most registrants that are remembered, and most that left.</summary>
    public const int MaxWaiting = 1 << 22;

    private readonly Queue<Registrant> _changed = [];
    private readonly Queue<RegistrantKey> _left = [];

    /// <summary>How many registrants changed.</summary>
    public int ChangedCount => _changed.Count;

    /// <summary>How many left.</summary>
    public int LeftCount => _left.Count;

    /// <summary>Whether there were too many to remember: then the whole registry is to be written.</summary>
    public bool HasOverflowed { get; set; }

    /// <summary>Notes that a registrant came or changed.</summary>
    public void Touch(Registrant registrant)
    {
        if (registrant.IsChanged || registrant.Origin is not null) return;
        if (_changed.Count == MaxWaiting)
        {
            HasOverflowed = true;
            return;
        }

        registrant.IsChanged = true;
        _changed.Enqueue(registrant);
    }

    /// <summary>Notes that a registrant left before its lease ended.</summary>
    public void Leave(in RegistrantKey key)
    {
        if (_left.Count < MaxWaiting) _left.Enqueue(key);
        else HasOverflowed = true;
    }

    /// <summary>Takes one that changed; it may have gone meanwhile.</summary>
    public Registrant TakeChanged()
    {
        Registrant registrant = _changed.Dequeue();
        registrant.IsChanged = false;
        return registrant;
    }

    /// <summary>Takes one that left; it may have come again meanwhile.</summary>
    public RegistrantKey TakeLeft() => _left.Dequeue();
}
