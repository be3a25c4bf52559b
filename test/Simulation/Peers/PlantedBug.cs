namespace CS3103P2P.Simulation;

/// <summary>Bugs that the simulator can put into an otherwise right product, to prove that it would find them.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>Acknowledges, now and then, one uTP packet more than has come.</summary>
    AckOffByOne,

    /// <summary>Does not register again after the tracker forgot.</summary>
    ForgetsRegistration,

    /// <summary>Notes chunks as synced without syncing their data.</summary>
    JournalBeforeData,

    /// <summary>Takes chunks that do not match their hash.</summary>
    TrustsChunks,

    /// <summary>The tracker's leases never end.</summary>
    ImmortalLeases,

    /// <summary>Registers one chunk too many.</summary>
    AnnouncesTooMuch,

    /// <summary>After a while, ICE sends no checks any more, as when the timer of consent does not fire.</summary>
    ConsentNeverAsked,

    /// <summary>ICE answers checks to the address that the peer offered, not to the one they came from.</summary>
    AnswersOfferedAddress,

    /// <summary>When a TURN allocation is refreshed, the relay forgets its channels, though not its permissions: what the client sends by them is lost.</summary>
    RelayForgetsChannels,
}
