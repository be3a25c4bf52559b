namespace CS3103P2P.Tracker.Registry;

/// <summary>What goes to other trackers together. Each registrant and each entry stands in it once at most.</summary>
internal sealed class RegistryChanges
{
    /// <summary>Registrants that came, changed or went.</summary>
    public List<RegistrantRecord> Registrants { get; } = [];

    /// <summary>Entries that came, changed or went; those of registrants that went are not named.</summary>
    public List<EntryRecord> Entries { get; } = [];

    /// <summary>Whether there is nothing to tell.</summary>
    public bool IsEmpty => Registrants.Count == 0 && Entries.Count == 0;
}
