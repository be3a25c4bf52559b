namespace CS3103P2P.Stun.Connections;

/// <summary>How much gathering may cost.</summary>
internal enum GatherMode
{
    /// <summary>What is known counts; where nothing is, it is waited for a moment.</summary>
    First,

    /// <summary>What is known counts: a source has just told of a change.</summary>
    AsKnown,

    /// <summary>The network may have changed: everybody is asked again.</summary>
    AskAnew,
}
