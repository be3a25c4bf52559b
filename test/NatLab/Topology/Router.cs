using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>A router: a namespace with <c>wan</c>, the bridge <c>lan</c>, and one NAT kind.</summary>
internal sealed class Router(string namespaceName, NatKind kind, HomeOptions options, RouterAddresses addresses) : IDisposable
{
    private const string HairpinOutMac = "02:00:00:00:68:00";
    private const string HairpinInMac = "02:00:00:00:68:01";
    private const string HairpinTable = "100";
    private const string Freeze = "table ip freeze { chain in { type filter hook prerouting priority raw; drop; }\n}\n";
    private const string Cut = """
        table ip cut
        delete table ip cut
        table ip cut {
          chain in { type filter hook prerouting priority raw; iifname "wan" drop; }
          chain out { type filter hook forward priority raw; oifname "wan" drop; }
        }

        """;

    private readonly SemaphoreSlim _changes = new(1);

    public string NamespaceName => namespaceName;

    public NatKind Kind => kind;

    public RouterAddresses Addresses { get; private set; } = addresses;

    public NamespaceThread Thread { get; } = new(namespaceName);

    private bool Hairpins => options.Hairpin && !NatKinds.IsPublic(kind);

    /// <summary>Expects <c>wan</c> to exist, and the router's ends of the LAN cables.</summary>
    public async Task ConfigureAsync(IEnumerable<string> lanPorts)
    {
        List<string> commands =
        [
            "link set lo up",
            "link add lan type bridge mcast_snooping 0",
            $"addr add {Addresses.Lan}/24 dev lan",
            "link set lan up",
            .. lanPorts.Select(port => $"link set {port} master lan up"),
            "link set wan up",
            .. WanCommands(),
        ];
        if (Hairpins)
        {
            commands.AddRange(
            [
                $"link add hp0 address {HairpinOutMac} type veth peer name hp1 address {HairpinInMac}",
                "link set hp0 up", "link set hp1 up",
                "rule add pref 10 lookup local", "rule add pref 1 iif lo lookup local",
                "rule add pref 2 iif wan lookup local", "rule add pref 3 iif hp1 lookup local",
                "rule del pref 0",
                .. HairpinCommands(),
            ]);
        }
        Kernel.Set(Thread, ("ipv6/conf/all/disable_ipv6", 1), ("ipv6/conf/default/disable_ipv6", 1));
        await Tool.ConfigureAsync(Thread, commands).ConfigureAwait(false);
        await LoadRulesAsync().ConfigureAwait(false);
        Kernel.Set(Thread,
            ("bridge/bridge-nf-call-iptables", 0), ("ipv4/conf/all/rp_filter", 0), ("ipv4/conf/wan/rp_filter", 0),
            ("ipv4/conf/lan/rp_filter", 0), ("ipv4/conf/hp1/rp_filter", 0), ("ipv4/conf/hp1/accept_local", 1),
            ("ipv4/conf/lan/send_redirects", 0), ("ipv4/conf/all/send_redirects", 0),
            ("netfilter/nf_conntrack_udp_timeout", (int)options.UdpTimeout.TotalSeconds),
            ("netfilter/nf_conntrack_udp_timeout_stream", (int)options.UdpStreamTimeout.TotalSeconds),
            ("ipv4/ip_forward", 1));
    }

    /// <summary>Forgets every mapping and flow, as a reboot does.</summary>
    public Task FlushAsync() => WhileFrozenAsync(LoadRulesAsync);

    /// <summary>Replaces the public address; mappings and flows are forgotten.</summary>
    public Task RenumberAsync(RouterAddresses replacement) => WhileFrozenAsync(async () =>
    {
        Addresses = replacement;
        List<string> commands = ["addr flush dev wan", .. WanCommands()];
        if (Hairpins) commands.AddRange(["rule del pref 5", $"route flush table {HairpinTable}", .. HairpinCommands()]);
        if (NatKinds.IsPublic(kind)) commands.AddRange(["addr flush dev lan", $"addr add {Addresses.Lan}/24 dev lan"]);
        await Tool.ConfigureAsync(Thread, commands).ConfigureAwait(false);
        await LoadRulesAsync().ConfigureAwait(false);
    });

    /// <summary>Drops everything on the outer side, silently, as a dead line does.</summary>
    public Task CutAsync() => Tool.LoadRulesAsync(Thread, Cut);

    /// <summary>Drops what comes from, or goes to, one address outside; a cut that <see cref="RestoreAsync"/> ends.</summary>
    public Task SeverAsync(IPAddress other) => Tool.LoadRulesAsync(Thread, $$"""
        table ip cut
        delete table ip cut
        table ip cut {
          chain in { type filter hook prerouting priority raw; iifname "wan" ip saddr {{other}} drop; }
          chain out { type filter hook forward priority raw; oifname "wan" ip daddr {{other}} drop; }
        }

        """);

    public Task RestoreAsync() => Tool.LoadRulesAsync(Thread, "table ip cut\ndelete table ip cut\n");

    public void Dispose()
    {
        Thread.Dispose();
        _changes.Dispose();
    }

    // Rules and connection tracking are cleared in two steps; a packet between them would bring an old mapping back.
    private async Task WhileFrozenAsync(Func<Task> change)
    {
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            await Tool.LoadRulesAsync(Thread, Freeze).ConfigureAwait(false);
            await change().ConfigureAwait(false);
            await Tool.RunAsync(Thread, "conntrack", ["-F"]).ConfigureAwait(false);
            await Tool.LoadRulesAsync(Thread, "delete table ip freeze\n").ConfigureAwait(false);
        }
        finally
        {
            _changes.Release();
        }
    }

    private Task LoadRulesAsync() => Tool.LoadRulesAsync(Thread, new NatRules(kind, Addresses.Wan)
    {
        Ports = options.Ports,
        MappingSeconds = (int)options.UdpStreamTimeout.TotalSeconds,
    }.Build());

    private IEnumerable<string> WanCommands() =>
        [$"addr add {Addresses.Wan}/24 dev wan", $"route replace default via {Addresses.WanGateway}"];

    private IEnumerable<string> HairpinCommands() =>
    [
        $"rule add pref 5 to {Addresses.Wan} lookup {HairpinTable}",
        $"route replace {Addresses.Wan} dev hp0 table {HairpinTable}",
        $"neigh replace {Addresses.Wan} lladdr {HairpinInMac} dev hp0 nud permanent",
    ];
}

/// <summary>A router's own addresses and its gateway's.</summary>
internal sealed record RouterAddresses(IPAddress Wan, IPAddress WanGateway, IPAddress Lan);
