namespace CS3103P2P.Stun;

/// <summary>How two peers can be expected to connect.</summary>
public enum NatExpectation
{
    /// <summary>It cannot be told from what is known.</summary>
    Unknown = 0,

    /// <summary>Directly, at once.</summary>
    Direct,

    /// <summary>Directly after the ports were predicted or guessed, which takes seconds and may fail; by a relay until then.</summary>
    DirectAfterGuessing,

    /// <summary>Directly, but by TCP only.</summary>
    DirectByTcp,

    /// <summary>By a relay.</summary>
    Relay,
}
