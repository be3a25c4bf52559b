namespace CS3103P2P.Tracker.Postgres.Connection;

/// <summary>The tracker's row in the database is no longer what this connection left it as, so everything has to be written anew.</summary>
internal sealed class StaleSessionException() : Exception("The tracker's session in the database was taken over or removed.");
