using System.Text.Json.Serialization;

namespace CS3103P2P.Samples.Peer;

/// <summary>What <c>--config</c> may hold.</summary>
internal sealed record ConfigFile(
    string? Tracker = null,
    string[]? Stun = null,
    string[]? Relay = null,
    int? Port = null,
    string? Identity = null,
    string? Lan = null,
    string? UpLimit = null,
    string? DownLimit = null);

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ConfigFile))]
internal sealed partial class ConsoleJson : JsonSerializerContext;
