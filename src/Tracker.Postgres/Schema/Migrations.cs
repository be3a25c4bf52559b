namespace CS3103P2P.Tracker.Postgres.Schema;

/// <summary>
/// The schema, version by version. A version's statements can be run again and by several trackers at once, since some engines do not roll back
/// definitions; a version that was released is never changed, the next one is added.
/// </summary>
internal static class Migrations
{
    /// <summary>Holds the versions that were made.</summary>
    public const string VersionTable = "CREATE TABLE IF NOT EXISTS p2p_schema (version int PRIMARY KEY, made timestamptz NOT NULL)";

    /// <summary>The statements of each version, version 1 first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Versions { get; } =
    [
        [
            // One row a tracker. The revision counts its committed batches; the session tells its connections apart.
            """
            CREATE TABLE IF NOT EXISTS p2p_trackers (
                tracker uuid PRIMARY KEY,
                session bigint NOT NULL,
                revision bigint NOT NULL,
                heartbeat timestamptz NOT NULL)
            """,
            """
            CREATE TABLE IF NOT EXISTS p2p_peers (
                tracker uuid NOT NULL,
                peer bytea NOT NULL,
                revision bigint NOT NULL,
                removed boolean NOT NULL,
                listed bytea NOT NULL,
                candidates bytea NOT NULL,
                claimed bigint NOT NULL,
                lease_end timestamptz NOT NULL,
                PRIMARY KEY (tracker, peer))
            """,
            "CREATE INDEX IF NOT EXISTS p2p_peers_feed ON p2p_peers (tracker, revision)",
            "CREATE INDEX IF NOT EXISTS p2p_peers_removed ON p2p_peers (tracker, lease_end) WHERE removed",
            """
            CREATE TABLE IF NOT EXISTS p2p_entries (
                tracker uuid NOT NULL,
                peer bytea NOT NULL,
                name bytea NOT NULL,
                revision bigint NOT NULL,
                removed boolean NOT NULL,
                changed timestamptz NOT NULL,
                listed boolean NOT NULL,
                size_bytes bigint NOT NULL,
                chunk_size int NOT NULL,
                root bytea NOT NULL,
                kind int NOT NULL,
                chunks bytea NOT NULL,
                PRIMARY KEY (tracker, peer, name))
            """,
            "CREATE INDEX IF NOT EXISTS p2p_entries_feed ON p2p_entries (tracker, revision)",
            "CREATE INDEX IF NOT EXISTS p2p_entries_removed ON p2p_entries (tracker, changed) WHERE removed",
            // Connection offers that another tracker has to forward.
            """
            CREATE TABLE IF NOT EXISTS p2p_offers (
                tracker uuid NOT NULL,
                id uuid NOT NULL,
                peer bytea NOT NULL,
                message bytea NOT NULL,
                PRIMARY KEY (tracker, id))
            """,
        ],
    ];
}
