using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace CS3103P2P.NatLab;

/// <summary>Counts, in the kernel of a host, the UDP payload that one server sends to each of the host's addresses, whatever the port.</summary>
public sealed class VictimMeter
{
    private const string Table = "victims";
    private readonly LabHost _host;

    private VictimMeter(LabHost host) => _host = host;

    /// <summary>Begins to count.</summary>
    /// <param name="host">The host.</param>
    /// <param name="from">The server's network, as nftables takes it: <c>25.20.1.0/24</c>.</param>
    public static async Task<VictimMeter> StartAsync(LabHost host, string from)
    {
        ArgumentNullException.ThrowIfNull(host);
        IEnumerable<string> counters = host.Addresses.SelectMany((_, i) => (string[])[$"counter first{i} {{ }}", $"counter later{i} {{ }}"]);
        IEnumerable<string> rules = host.Addresses.SelectMany((address, i) => (string[])
        [
            $"ip saddr {from} ip daddr {address} ip frag-off & 0x1fff == 0 counter name first{i}",
            $"ip saddr {from} ip daddr {address} ip frag-off & 0x1fff != 0 counter name later{i}",
        ]);
        string text = $$"""
            table ip {{Table}} {
            {{string.Join('\n', counters)}}
            chain in {
            type filter hook prerouting priority raw; policy accept;
            {{string.Join('\n', rules)}}
            }
            }

            """;
        await Tool.LoadRulesAsync(host.Thread, text).ConfigureAwait(false);
        return new VictimMeter(host);
    }

    /// <summary>Payload bytes that came for each address so far.</summary>
    public async Task<IReadOnlyDictionary<IPAddress, long>> ReadAsync()
    {
        using Process nft = _host.Start("nft", "-j", "list", "counters", "table", "ip", Table);
        string text = await nft.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await nft.WaitForExitAsync().ConfigureAwait(false);
        using var json = JsonDocument.Parse(text);
        var read = new Dictionary<string, (long Packets, long Bytes)>();
        foreach (JsonElement item in json.RootElement.GetProperty("nftables").EnumerateArray())
        {
            if (!item.TryGetProperty("counter", out JsonElement counter)) continue;
            read[counter.GetProperty("name").GetString()!] = (counter.GetProperty("packets").GetInt64(), counter.GetProperty("bytes").GetInt64());
        }

        return _host.Addresses.Select((address, i) => (address, Bytes: Payload(read[$"first{i}"], ForgedSender.HeaderBytes) + Payload(read[$"later{i}"], ForgedSender.IpHeaderBytes)))
            .ToDictionary(one => one.address, one => one.Bytes);
    }

    private static long Payload((long Packets, long Bytes) counted, int headerBytes) => counted.Bytes - (counted.Packets * headerBytes);
}
