using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Configuration;

namespace CS3103P2P.Samples.Tracker;

/// <summary>Reads settings of the forms that they must have; what has another is noted with its key, its value, where it stands, and what it must be.</summary>
internal sealed class SettingsReader(IConfigurationRoot configuration)
{
    private readonly List<string> _errors = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public string? Text(string key)
    {
        _known.Add(key);
        return configuration[key] is { Length: > 0 } text ? text : null;
    }

    public int Number(string key, int otherwise, int least, int most)
    {
        if (Text(key) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most) return number;
        Reject(key, string.Create(CultureInfo.InvariantCulture, $"it must be a whole number from {least:N0} to {most:N0}"));
        return otherwise;
    }

    public TimeSpan Seconds(string key, TimeSpan otherwise, int least, int most)
    {
        if (Text(key) is not { } text) return otherwise;
        bool isNumber = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds);
        if (isNumber && seconds >= least && seconds <= most) return TimeSpan.FromSeconds(seconds);
        Reject(key, string.Create(CultureInfo.InvariantCulture, $"it must be a number of seconds from {least:N0} to {most:N0}"));
        return otherwise;
    }

    public bool Switch(string key, bool otherwise)
    {
        switch (Text(key)?.ToUpperInvariant())
        {
            case null: return otherwise;
            case "ON" or "TRUE": return true;
            case "OFF" or "FALSE": return false;
            default:
                Reject(key, "it must be on or off");
                return otherwise;
        }
    }

    public T Choice<T>(string key, T otherwise)
        where T : struct, Enum
    {
        if (Text(key) is not { } text) return otherwise;
        if (Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsDigit(text[0])) return value;
        Reject(key, $"it must be one of {string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}");
        return otherwise;
    }

    public Uri? Url(string key)
    {
        if (Text(key) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https") return url;
        Reject(key, "it must be a URL, for example http://127.0.0.1:4317");
        return null;
    }

    public IPAddress? IPv4Address(string key)
    {
        if (Text(key) is not { } text) return null;
        if (IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork) return address;
        Reject(key, "it must be an IPv4 address");
        return null;
    }

    /// <summary>Addresses: a list, or a text with commas.</summary>
    public IReadOnlyList<TransportAddress> Addresses(string key, ushort defaultPort) => [.. Texts(key).Select(text => Address(key, text, defaultPort))];

    /// <summary><c>IP:PORT</c>, or a port of the loopback address.</summary>
    public IPEndPoint? HttpAddress(string key, int examplePort)
    {
        if (Text(key) is not { } text) return null;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) return new IPEndPoint(IPAddress.Loopback, port);
        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? address)) return address;
        Reject(key, $"it must be IP:PORT, for example 127.0.0.1:{examplePort}");
        return null;
    }

    /// <summary>Notes what is wrong with a setting.</summary>
    public void Reject(string key, string mustBe, bool isSecret = false, string? value = null)
    {
        string shown = isSecret ? "is not valid" : $"is '{value ?? configuration[key]}'";
        _errors.Add($"{key} {shown} {SettingsSources.OriginOf(configuration, key)}: {mustBe}.");
    }

    /// <summary>Throws when something was wrong, or when there is a setting that nothing reads.</summary>
    public void ThrowIfWrong()
    {
        foreach ((string key, string? value) in configuration.AsEnumerable())
        {
            bool isListItem = int.TryParse(key[(key.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
            string name = isListItem ? key[..Math.Max(0, key.LastIndexOf(':'))] : key;
            if (value is not null && !_known.Contains(name)) _errors.Add($"{key} is no setting {SettingsSources.OriginOf(configuration, key)}. Settings: {string.Join(", ", _known.Order())}.");
        }

        if (_errors.Count > 0) throw new SettingsException(string.Join('\n', _errors));
    }

    private IEnumerable<string> Texts(string key)
    {
        if (Text(key) is { } text) return text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return configuration.GetSection(key).GetChildren().Select(child => child.Value).OfType<string>();
    }

    private TransportAddress Address(string key, string text, ushort defaultPort)
    {
        // Port 0, a free port, has no place on the wire, so the parser of the wire's form refuses it.
        bool isFree = text.EndsWith(":0", StringComparison.Ordinal) && !text.EndsWith("::0", StringComparison.Ordinal);
        if (TransportAddress.TryParse(isFree ? text[..^2] : text, isFree ? (ushort)0 : defaultPort, out TransportAddress address)) return address;
        Reject(key, $"it must be IP[:PORT], for example 0.0.0.0:{defaultPort} or [::]:{defaultPort}", value: text);
        return default;
    }
}
