using System.CommandLine;
using System.CommandLine.Parsing;
using CS3103P2P.Tracker;
using CS3103P2P.Tracker.Postgres;

namespace CS3103P2P.Samples.Tracker;

/// <summary><c>--registry memory|postgres:CONNECTION</c>. The connection may hold a password, so it is quoted nowhere.</summary>
internal static class RegistryOption
{
    private const string Memory = "memory";
    private const string Postgres = "postgres:";

    public static Option<TrackerReplication?> Create() => new("--registry")
    {
        Description = "Where the registry is: memory, or postgres:CONNECTION to share it with other trackers, for example "
            + "'postgres:Host=db;Database=tracker;Username=tracker' with the password in PGPASSWORD or PGPASSFILE. Default: memory.",
        HelpName = $"{Memory}|{Postgres}CONNECTION",
        CustomParser = Read,
    };

    private static PostgresRegistry? Read(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text == Memory) return null;
        if (!text.StartsWith(Postgres, StringComparison.Ordinal))
        {
            result.AddError($"--registry takes {Memory} or {Postgres}CONNECTION.");
            return null;
        }

        try
        {
            return new PostgresRegistry(new PostgresRegistryOptions { ConnectionString = text[Postgres.Length..] });
        }
        catch (ArgumentException e)
        {
            result.AddError($"--registry: {e.Message}");
            return null;
        }
    }
}
