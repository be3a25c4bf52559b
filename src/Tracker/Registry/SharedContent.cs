namespace CS3103P2P.Tracker.Registry;

/// <summary>One content under a name; two peers may mean different things by the same name.</summary>
internal sealed class SharedContent(ContentDescription description, byte number)
{
    /// <summary>What it is.</summary>
    public ContentDescription Description { get; } = description;

    /// <summary>Its number in its file, from 1; used again when it is gone.</summary>
    public byte Number { get; } = number;

    /// <summary>How many entries have it.</summary>
    public int References { get; set; }
}
