namespace CS3103P2P.Tracker.Registry;

/// <summary>What became of a registration.</summary>
internal enum RegistryResult
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>The description of the content is not valid, or does not fit the chunks.</summary>
    BadDescription,

    /// <summary>The name has too many contents.</summary>
    TooManyContents,

    /// <summary>This source has reached a limit.</summary>
    TooMuch,

    /// <summary>The registry has reached a limit.</summary>
    Full,
}
