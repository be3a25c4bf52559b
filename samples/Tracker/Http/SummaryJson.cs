using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;

namespace CS3103P2P.Samples.Tracker;

/// <summary>The tracker at a glance, as JSON.</summary>
internal static class SummaryJson
{
    public static string Write(RunStatus status)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            TrackerHealth health = status.Health;
            json.WriteStartObject();
            json.WriteString("version", typeof(TrackerServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
            json.WriteNumber("uptimeSeconds", (long)status.Uptime.TotalSeconds);
            json.WriteBoolean("ready", health.IsReady);
            json.WriteString("health", health.Description);
            if (status.Server is { } server) WriteTracker(json, server);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void WriteTracker(Utf8JsonWriter json, TrackerServer server)
    {
        WriteAddresses(json, "listen", server.ListenAddresses);
        WriteAddresses(json, "stun", server.StunAddresses);
        WriteAddresses(json, "relay", server.RelayAddress is { } relay ? [relay] : []);
        TrackerStatistics figures = server.GetStatistics();
        json.WriteNumber("files", figures.Files);
        json.WriteNumber("entries", figures.Entries);
        json.WriteNumber("peers", figures.Peers);
        json.WriteNumber("requests", figures.Requests);
        json.WriteNumber("replies", figures.Replies);
        json.WriteNumber("errors", figures.Errors);
        json.WriteNumber("challenges", figures.Challenges);
        json.WriteNumber("limited", figures.Limited);
        json.WriteNumber("offers", figures.Offers);
        json.WriteNumber("stunRequests", figures.StunRequests);
        json.WriteNumber("stunLimited", figures.StunLimited);
        json.WriteNumber("relayedBytes", figures.RelayedBytes);
        if (figures.SnapshotAge is { } age) json.WriteNumber("snapshotAgeSeconds", Math.Round(age.TotalSeconds, 1));
    }

    private static void WriteAddresses(Utf8JsonWriter json, string name, IReadOnlyList<TransportAddress> addresses)
    {
        json.WriteStartArray(name);
        foreach (TransportAddress address in addresses) json.WriteStringValue(address.ToString(null, CultureInfo.InvariantCulture));
        json.WriteEndArray();
    }
}
