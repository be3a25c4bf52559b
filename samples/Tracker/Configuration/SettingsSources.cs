using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace CS3103P2P.Samples.Tracker;

/// <summary>Where settings come from. The later outranks the earlier: the file of <c>--config</c>, the environment, the command line.</summary>
internal static class SettingsSources
{
    /// <summary>What the names of environment variables begin with; two underscores stand for the colon of a key.</summary>
    public const string EnvironmentPrefix = "P2P_TRACKER_";

    /// <summary>Reads all sources.</summary>
    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static IConfigurationRoot Open(string? file, IReadOnlyDictionary<string, string?> commandLine)
    {
        var builder = new ConfigurationBuilder();
        try
        {
            if (file is not null) builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: true);
            return builder.AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(commandLine).Build();
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw new SettingsException($"The configuration {file} cannot be read: {(e.InnerException ?? e).Message}");
        }
    }

    /// <summary>Whether this is what a file that is missing, forbidden or malformed throws.</summary>
    public static bool IsUnreadable(Exception e) => e is IOException or UnauthorizedAccessException or FormatException or JsonException or InvalidDataException;

    /// <summary>Says where a setting stands.</summary>
    public static string OriginOf(IConfigurationRoot configuration, string key)
    {
        IConfigurationProvider? origin = configuration.Providers.LastOrDefault(
            provider => provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any());
        return origin switch
        {
            JsonConfigurationProvider json => $"in {json.Source.FileProvider?.GetFileInfo(json.Source.Path!).PhysicalPath}",
            EnvironmentVariablesConfigurationProvider => $"in the environment ({EnvironmentPrefix}{key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()})",
            _ => "on the command line",
        };
    }
}
