using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using Microsoft.Extensions.Options;

namespace CS3103P2P.Peer.Hosting;

/// <summary>Checks the ranges that <see cref="PeerNodeOptions"/> documents.</summary>
internal sealed class PeerNodeOptionsValidator : IValidateOptions<PeerNodeOptions>
{
    private const int MaxListedServers = 64;
    private const int MaxConnections = 10_000;
    private const long MinBytesInFlight = 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, PeerNodeOptions options)
    {
        string[] errors = [.. Errors(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    public static IEnumerable<string> Errors(PeerNodeOptions options)
    {
        if (options.Port is < 0 or > ushort.MaxValue) yield return $"{nameof(options.Port)} must be 0 to 65535, not {options.Port}.";
        if (options.AllTrackers.Count > PeerNodeOptions.MaxTrackers) yield return $"At most {PeerNodeOptions.MaxTrackers} trackers.";
        foreach (string tracker in options.AllTrackers.Where(tracker => !HostAndPort.TryParse(tracker, 80, out _))) yield return $"{nameof(options.Tracker)} must be host[:port], not '{tracker}'.";
        foreach (string server in options.StunServers)
        {
            if (!HostAndPort.TryParse(server, 3478, out _)) yield return $"{nameof(options.StunServers)} must hold host[:port], not '{server}'.";
        }

        foreach (string relay in options.RelayServers)
        {
            if (!TurnUri.TryParse(relay, out _)) yield return $"{nameof(options.RelayServers)} must hold turn:user:password@host:port or turns:..., not '{relay}'.";
        }

        foreach (string peer in options.DirectPeers)
        {
            if (!TransportAddress.TryParse(peer, PeerNodeOptions.DefaultPort, out _)) yield return $"{nameof(options.DirectPeers)} must hold ip[:port], not '{peer}'.";
        }

        if (options.StunServers.Count > MaxListedServers || options.RelayServers.Count > MaxListedServers || options.DirectPeers.Count > MaxListedServers) yield return $"At most {MaxListedServers} servers or direct peers.";
        if (options.MaxConnections is < 1 or > MaxConnections) yield return $"{nameof(options.MaxConnections)} must be 1 to {MaxConnections}.";
        if (options.MaxConnectionsPerAddress is < 1 or > MaxConnections) yield return $"{nameof(options.MaxConnectionsPerAddress)} must be 1 to {MaxConnections}.";
        if (options.UploadLimitBitsPerSecond < PeerNodeOptions.MinLimitBitsPerSecond) yield return $"{nameof(options.UploadLimitBitsPerSecond)} must be at least {PeerNodeOptions.MinLimitBitsPerSecond}.";
        if (options.DownloadLimitBitsPerSecond < PeerNodeOptions.MinLimitBitsPerSecond) yield return $"{nameof(options.DownloadLimitBitsPerSecond)} must be at least {PeerNodeOptions.MinLimitBitsPerSecond}.";
        if (options.MaxBytesInFlight < MinBytesInFlight) yield return $"{nameof(options.MaxBytesInFlight)} must be at least {MinBytesInFlight}.";
        if (options.ConnectTimeout < TimeSpan.FromSeconds(1) || options.ConnectTimeout > TimeSpan.FromMinutes(2)) yield return $"{nameof(options.ConnectTimeout)} must be 1 s to 2 min.";
        if (options.StallTimeout < TimeSpan.FromSeconds(1) || options.StallTimeout > TimeSpan.FromDays(1)) yield return $"{nameof(options.StallTimeout)} must be 1 s to 1 day.";
    }
}
