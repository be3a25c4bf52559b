using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CS3103P2P.Peer;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Samples.Peer;

/// <summary>The options that every command takes, and the node options that they make. The command line outranks the file of <c>--config</c>.</summary>
internal sealed class CommonOptions
{
    private const long MaxRateBitsPerSecond = 1_000_000_000_000;

    private readonly Option<string[]> _tracker = new("--tracker")
    {
        Description = "The tracker: HOST[:PORT], port 80 when none is given; may be repeated, or a list with commas, best first: the first that answers is used.",
        HelpName = "HOST[:PORT]", Recursive = true,
    };

    private readonly Option<string[]> _stun = new("--stun")
    {
        Description = "A STUN server: HOST[:PORT], port 3478 when none is given; may be repeated; `off` asks none. Default: public servers.",
        HelpName = "HOST[:PORT]", Recursive = true,
    };

    private readonly Option<string[]> _relay = new("--relay")
    {
        Description = "A relay for when there is no direct way: turn:USER:PASSWORD@HOST[:PORT][?transport=udp|tcp] or turns:...; may be repeated.",
        HelpName = "URL", Recursive = true,
    };

    private readonly Option<int?> _port = new("--port")
    {
        Description = "UDP and TCP port of this peer; 0 lets the system choose. Default: 6881.", HelpName = "PORT", Recursive = true,
    };

    private readonly Option<string?> _identity = new("--identity")
    {
        Description = "File with this peer's key, made when missing. Default: a new key each time.", HelpName = "FILE", Recursive = true,
    };

    private readonly Option<string?> _lan = new("--lan")
    {
        Description = "Whether to find and be found by peers on the same network: on or off. Default: on.", HelpName = "on|off", Recursive = true,
    };

    private readonly Option<string?> _upLimit = new("--up-limit")
    {
        Description = "Most bits per second to send to peers, in all: 500K, 20M, 1G. Default: no limit.", HelpName = "RATE", Recursive = true,
    };

    private readonly Option<string?> _downLimit = new("--down-limit")
    {
        Description = "Most bits per second to fetch from peers, in all: 500K, 20M, 1G. Default: no limit.", HelpName = "RATE", Recursive = true,
    };

    private readonly Option<FileInfo?> _config = new("--config")
    {
        Description = "JSON file with defaults for these options: tracker, stun (list), relay (list), port, identity, lan, upLimit, downLimit.", HelpName = "FILE", Recursive = true,
    };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log what happens, to standard error.", Recursive = true };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON event a line.", Recursive = true };

    public static CommonOptions AddTo(RootCommand root)
    {
        var common = new CommonOptions();
        common._port.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int port) && port is < 0 or > ushort.MaxValue)
            {
                result.AddError("--port takes 0 to 65535.");
            }
        });
        common._lan.AcceptOnlyFromAmong("on", "off");
        Option[] all =
        [
            common._tracker, common._stun, common._relay, common._port, common._identity, common._lan, common._upLimit, common._downLimit,
            common._config, common._verbose, common._json,
        ];
        foreach (Option option in all) root.Options.Add(option);
        return common;
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Node options from the command line and the configuration file.</summary>
    /// <exception cref="UsageException">The configuration file cannot be read.</exception>
    public PeerNodeOptions ToNodeOptions(ParseResult parsed)
    {
        ConfigFile file = ReadConfig(parsed.GetValue(_config));
        var options = new PeerNodeOptions();
        string[] trackers = parsed.GetValue(_tracker) is { Length: > 0 } named ? named : file.Tracker is { } one ? [one] : [];
        foreach (string tracker in trackers.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))) options.Trackers.Add(tracker);
        if ((parsed.GetValue(_port) ?? file.Port) is { } port) options.Port = port;
        if ((parsed.GetValue(_identity) ?? file.Identity) is { } identity) options.IdentityPath = identity;
        string[] given = parsed.GetValue(_stun) is { Length: > 0 } fromCommandLine ? fromCommandLine : file.Stun ?? [];
        if (given.Length > 0)
        {
            options.StunServers.Clear();
            foreach (string server in given.Where(server => server != "off")) options.StunServers.Add(server);
        }

        foreach (string relay in parsed.GetValue(_relay) is { Length: > 0 } relays ? relays : file.Relay ?? []) options.RelayServers.Add(relay);
        if ((parsed.GetValue(_lan) ?? file.Lan) is { } lan) options.Lan = lan != "off";
        options.UploadLimitBitsPerSecond = ReadRate("up-limit", parsed.GetValue(_upLimit) ?? file.UpLimit);
        options.DownloadLimitBitsPerSecond = ReadRate("down-limit", parsed.GetValue(_downLimit) ?? file.DownLimit);
        options.LoggerFactory = new ErrorOutputLog(parsed.GetValue(_verbose) ? LogLevel.Debug : LogLevel.Warning);
        return options;
    }

    private static long? ReadRate(string option, string? text)
    {
        if (text is null) return null;
        long unit = char.ToUpperInvariant(text.LastOrDefault()) switch { 'K' => 1_000, 'M' => 1_000_000, 'G' => 1_000_000_000, _ => 1 };
        ReadOnlySpan<char> number = unit == 1 ? text : text.AsSpan(0, text.Length - 1);
        bool isRate = decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) && value <= MaxRateBitsPerSecond / unit;
        long rate = isRate ? (long)(value * unit) : 0;
        if (rate < PeerNodeOptions.MinLimitBitsPerSecond) throw new UsageException($"--{option} takes bits per second, such as 20M, and at least {PeerNodeOptions.MinLimitBitsPerSecond}.");
        return rate;
    }

    private static ConfigFile ReadConfig(FileInfo? file)
    {
        if (file is null) return new ConfigFile();
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), ConsoleJson.Default.ConfigFile) ?? new ConfigFile();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UsageException($"The configuration {file.FullName} cannot be read: {e.Message}");
        }
    }
}
