using System.Globalization;
using System.Net;
using System.Text;

namespace CS3103P2P.NatLab;

/// <summary>
/// Writes the nftables rules of one router. Its interfaces are <c>wan</c>, <c>lan</c> and, for hairpinning, the veth pair <c>hp0</c>
/// (towards the own public address) and <c>hp1</c> (coming back), which every rule treats like wan.
/// </summary>
/// <remarks>
/// Endpoint-independent kinds keep an explicit map from the internal to the external port, so that two flows of one socket cannot race
/// for different ports and two hosts never share one. Input from outside is dropped, not accepted: an accepted early packet of a peer
/// would leave a conntrack entry that occupies the tuple of the packet going out.
/// </remarks>
internal sealed record NatRules(NatKind Kind, IPAddress PublicAddress)
{
    private const int SequentialFirstPort = 40000;
    private const int SequentialPorts = 4096;
    private const string Outwards = "oifname { \"wan\", \"hp0\" }";
    private const string Inwards = "iifname { \"wan\", \"hp1\" }";
    private const string Original = "ct original ip saddr . meta l4proto . ct original proto-src";
    private const string Reply = "ct reply ip saddr . meta l4proto . ct reply proto-src";

    public PortAllocation Ports { get; init; }

    /// <summary>How long an endpoint-independent mapping outlives its last outbound packet, seconds.</summary>
    public int MappingSeconds { get; init; } = 120;

    private bool PerAddress => Kind == NatKind.SymmetricAddress;

    /// <summary>The whole table; loading it replaces the old one and forgets its mappings.</summary>
    public string Build()
    {
        var text = new StringBuilder("table ip nat\ndelete table ip nat\ntable ip nat {\n");
        text.Append(CommonChains());
        text.Append(Kind switch
        {
            NatKind.None or NatKind.Firewalled => "",
            NatKind.Linux => SourceNat(""),
            NatKind.Symmetric => SourceNat($"{Outwards} meta l4proto {{ tcp, udp }} snat ip to {PublicAddress} : 1024-65535 fully-random"),
            NatKind.SymmetricSequential => SourceNat($"{Outwards} meta l4proto {{ tcp, udp }} "
                + $"snat ip to {PublicAddress} : numgen inc mod {SequentialPorts} map {{ {SequentialMap()} }}"),
            _ => ExplicitMap() + Inbound(),
        });
        return text.Append("}\n").ToString();
    }

    private string CommonChains() => $$"""
          chain input { type filter hook input priority filter;
            {{Inwards}} ct state established,related accept
            {{Inwards}} drop
            iifname "lan" ip daddr {{PublicAddress}} drop
          }
          chain forward { type filter hook forward priority filter; policy {{(Kind == NatKind.None ? "accept" : "drop")}};
            {{(Kind == NatKind.UdpBlocked ? "meta l4proto udp drop" : "")}}
            ct state established,related accept
            iifname "lan" {{Outwards}} accept
            ct status dnat accept
          }

        """;

    private string SourceNat(string rule) => $$"""
          chain post { type nat hook postrouting priority srcnat;
            {{rule}}
            {{Outwards}} snat ip to {{PublicAddress}}
          }

        """;

    private static string SequentialMap() => string.Join(", ", Enumerable.Range(0, SequentialPorts)
        .Select(index => string.Create(CultureInfo.InvariantCulture, $"{index} : {SequentialFirstPort + index}")));

    // numgen gives host byte order where ports are network order; "or 0x40" sets the high byte's bit, so the port is 16384 or more.
    // The mark tells "track" that this packet made its mapping: if the port is taken, the mapping goes and the sender tries again.
    private string ExplicitMap()
    {
        string remote = PerAddress ? " . ip daddr" : "";
        string key = "ip saddr . meta l4proto . th sport" + remote;
        string preserve = Ports == PortAllocation.Preserve ? $"meta l4proto . th sport != @rev add @eim {{ {key} : th sport }} return" : "";
        string keyType = "ipv4_addr . inet_proto . inet_service" + (PerAddress ? " . ipv4_addr" : "");
        string flags = $"flags dynamic,timeout; timeout {MappingSeconds}s; size 65536;";
        return $$"""
              map eim { type {{keyType}} : inet_service; {{flags}} }
              map rev { type inet_proto . inet_service : ipv4_addr . inet_service; {{flags}} }
              set perm { type inet_proto . inet_service . ipv4_addr; {{flags}} }
              chain alloc {
                {{key}} @eim return
                meta mark set 0x4e4c
                {{preserve}}
                add @eim { {{key}} : numgen random mod 65536 or 0x40 }
              }
              chain pre { type filter hook prerouting priority mangle;
                iifname "lan" ct state new meta l4proto { tcp, udp } jump alloc
              }
              chain clash {
                meta l4proto udp delete @eim { {{Original}}{{remote}} : th sport }
                meta l4proto tcp delete @eim { {{Original}}{{remote}} : th sport }
                drop
              }
            {{SourceNat($"{Outwards} meta l4proto {{ tcp, udp }} snat ip to {PublicAddress} : {key} map @eim")}}
              chain track { type filter hook postrouting priority srcnat + 10;
                oifname != { "wan", "hp0" } return
                meta mark 0x4e4c meta l4proto . th sport @rev goto clash
                {{Refresh("udp", "original", remote)}}
                {{Refresh("tcp", "original", remote)}}
                {{Refresh("udp", "reply", remote)}}
                {{Refresh("tcp", "reply", remote)}}
                meta l4proto { tcp, udp } update @perm { meta l4proto . th sport . ip daddr }
              }

            """;
    }

    // nft wants one protocol, not a set, before proto-src.
    private static string Refresh(string protocol, string direction, string remote)
    {
        string inside = direction == "original" ? Original : Reply;
        string condition = direction == "original" ? "" : "ct status dnat ";
        return $"meta l4proto {protocol} ct direction {direction} {condition}"
            + $"update @rev {{ meta l4proto . th sport : ct {direction} ip saddr . ct {direction} proto-src }} "
            + $"update @eim {{ {inside}{remote} : th sport }}";
    }

    private string Inbound()
    {
        string? condition = Kind switch
        {
            NatKind.FullCone => "meta l4proto { tcp, udp }",
            NatKind.RestrictedCone => "meta l4proto { tcp, udp } meta l4proto . th dport . ip saddr @perm",
            _ => null,
        };
        return condition is null ? "" : $$"""
              chain inbound { type nat hook prerouting priority dstnat;
                {{Inwards}} {{condition}} dnat ip to meta l4proto . th dport map @rev
              }

            """;
    }
}
