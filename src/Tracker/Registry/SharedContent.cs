namespace CS3103P2P.Tracker.Registry;

/// <summary>One content under a name; two peers may mean different things by the same name.</summary>
internal sealed class SharedContent(ContentDescription description)
{
    /// <summary>What it is.</summary>
    public ContentDescription Description { get; } = description;

    /// <summary>How many entries have it.</summary>
    public int References { get; set; }
}
