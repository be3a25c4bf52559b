namespace CS3103P2P.Peer;

/// <summary>What a journal begins with.</summary>
internal enum JournalHeader
{
    /// <summary>It is new, or a crash came while it was made.</summary>
    None,

    /// <summary>It is the journal of this share.</summary>
    Matches,

    /// <summary>It is the journal of another share.</summary>
    OtherShare,

    /// <summary>It is no journal, or its header is damaged.</summary>
    Damaged,
}
