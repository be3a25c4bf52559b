using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Checks the ranges that <see cref="TrackerOptions"/> documents.</summary>
internal sealed class TrackerOptionsValidator : IValidateOptions<TrackerOptions>
{
    private const int MaxFiles = 10_000_000;
    private const int MaxEntries = 50_000_000;
    private static readonly TimeSpan MinLease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MinStatePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxLease = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxLiteralLease = TimeSpan.FromHours(24);

    public ValidateOptionsResult Validate(string? name, TrackerOptions options)
    {
        string[] errors = [.. Errors(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>What is wrong with the options.</summary>
    public static IEnumerable<string> Errors(TrackerOptions options)
    {
        if (options.Listen.Count > TrackerOptions.MaxListenAddresses || options.Stun.Count > TrackerOptions.MaxListenAddresses) yield return $"At most {TrackerOptions.MaxListenAddresses} addresses.";
        if (options.DefaultLease < MinLease || options.DefaultLease > MaxLease) yield return $"{nameof(options.DefaultLease)} must be 10 s to 1 h.";
        if (options.LiteralLease < MinLease || options.LiteralLease > MaxLiteralLease) yield return $"{nameof(options.LiteralLease)} must be 10 s to 24 h.";
        if (options.MaxFiles is < 1 or > MaxFiles) yield return $"{nameof(options.MaxFiles)} must be 1 to {MaxFiles}.";
        if (options.MaxEntries is < 1 or > MaxEntries) yield return $"{nameof(options.MaxEntries)} must be 1 to {MaxEntries}.";
        if (options.MaxEntriesPerSource is < 1 or > MaxFiles) yield return $"{nameof(options.MaxEntriesPerSource)} must be 1 to {MaxFiles}.";
        if (options.MaxRequestsPerSecond < 0) yield return $"{nameof(options.MaxRequestsPerSecond)} must not be negative.";
        if (options.MaxStunRequestsPerSecond < 0) yield return $"{nameof(options.MaxStunRequestsPerSecond)} must not be negative.";
        if (options.PublicAddress is { AddressFamily: not AddressFamily.InterNetwork }) yield return $"{nameof(options.PublicAddress)} must be an IPv4 address.";
        if (options.Relay is { IsUnspecified: true } && options.PublicAddress is null) yield return "A relay on every address needs the public address (--public-address) to tell peers.";
        if (options.Relay is { IsUnspecified: false, IsIPv4: false }) yield return "A relay needs an IPv4 address.";
        if (options.StatePeriod < MinStatePeriod || options.StatePeriod > MaxLease) yield return $"{nameof(options.StatePeriod)} must be 1 s to 1 h.";
        if (options.StatePath is { } state && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(state)))) yield return $"{nameof(options.StatePath)}: the folder of {state} does not exist.";
        if (options.StatePath is not null && options.Replication is not null) yield return $"{nameof(options.StatePath)} is for a registry in memory; a shared registry is kept in its database.";
        if (options.LoggerFactory is null || options.TimeProvider is null) yield return "The logger factory and the clock must not be null.";
    }
}
