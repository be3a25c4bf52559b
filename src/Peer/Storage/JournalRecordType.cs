namespace CS3103P2P.Peer;

/// <summary>What a record of the journal tells.</summary>
internal enum JournalRecordType : byte
{
    /// <summary>The kernel that runs from here on: its boot id.</summary>
    Boot = 1,

    /// <summary>The canonical bytes of the manifest.</summary>
    Manifest,

    /// <summary>File (4), group roots.</summary>
    GroupRoots,

    /// <summary>Group (4), chunk hashes.</summary>
    HashGroup,

    /// <summary>Runs of chunks that were verified and written: first (4), count (4).</summary>
    Written,

    /// <summary>Place in the journal (8): what was written by records before it is on the disk.</summary>
    Synced,

    /// <summary>Runs of chunks that earlier records tell of but that are not on disk: first (4), count (4).</summary>
    Lost,
}
