using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>
/// A small internet in network namespaces: homes behind kernel NATs, carriers, and public servers. Needs root, nftables and conntrack.
/// Labs do not see each other, so several may run side by side; what a killed lab left is removed when the next one starts.
/// </summary>
/// <remarks>
/// Addresses: home n is 25.10.n.2 (hosts with public addresses: 25.30.n.x), LANs are 192.168.n.0/24, server k is 25.20.k.2.
/// Documentation ranges are avoided because port-mapping daemons treat them as reserved.
/// </remarks>
public sealed class Lab : IAsyncDisposable
{
    /// <summary>Homes and carriers, and also servers, that one lab can hold.</summary>
    public const int MaxSites = 250;

    /// <summary>Hosts of one home, and addresses of one server.</summary>
    public const int MaxHosts = 20;

    /// <summary>Homes that one carrier serves.</summary>
    public const int MaxCustomers = 40;

    internal const int AddressesPerSite = 6;
    private const byte HomeNet = 10;
    private const byte ServerNet = 20;
    private const byte PublicLanNet = 30;

    private readonly string _runId;
    private readonly int _seed;
    private readonly NamespaceThread _core;
    private readonly Lock _lock = new();
    private readonly List<string> _namespaces = [];
    private readonly List<Router> _routers = [];
    private readonly List<LabHost> _hosts = [];
    private readonly List<LinkEmulator> _links = [];
    private readonly List<Home> _homes = [];
    private readonly List<LabHost> _servers = [];
    private int _sites;
    private int _homeNumber;
    private int _serverSites;
    private bool _disposed;

    private Lab(string runId, string core, int seed)
    {
        (_runId, _seed) = (runId, seed);
        _namespaces.Add(core);
        _core = new NamespaceThread(core);
    }

    /// <summary>Why no lab can be made on this machine; null when it can.</summary>
    public static string? UnavailableReason => Kernel.MissingFeature();

    /// <summary>Homes in the order in which they were added.</summary>
    public IReadOnlyList<Home> Homes => Snapshot(_homes);

    /// <summary>Public servers in the order in which they were added.</summary>
    public IReadOnlyList<LabHost> Servers => Snapshot(_servers);

    /// <summary>Every host and server.</summary>
    public IReadOnlyList<LabHost> Hosts => Snapshot(_hosts);

    /// <summary>Makes an empty internet.</summary>
    /// <param name="seed">Of the randomness of emulated links.</param>
    /// <exception cref="InvalidOperationException">See <see cref="UnavailableReason"/>.</exception>
    public static async Task<Lab> CreateAsync(int seed = 1)
    {
        if (UnavailableReason is { } reason) throw new InvalidOperationException($"No NAT lab here: {reason}.");
        await Leftovers.SweepAsync().ConfigureAwait(false);
        string runId = NamespaceNames.NewRunId();
        await Tool.ConfigureAsync(null, [$"netns add {runId}core"]).ConfigureAwait(false);
        var lab = new Lab(runId, runId + "core", seed);
        // Addresses that nobody owns swallow packets silently, as they do out there.
        await Tool.ConfigureAsync(lab._core, ["link set lo up", "route add blackhole default"]).ConfigureAwait(false);
        Kernel.Set(lab._core, ("ipv6/conf/all/disable_ipv6", 1), ("ipv6/conf/default/disable_ipv6", 1), ("ipv4/conf/all/rp_filter", 0),
            ("ipv4/conf/default/rp_filter", 0), ("ipv4/ip_forward", 1));
        return lab;
    }

    /// <summary>Adds a computer with public addresses and no firewall, for a tracker, STUN server or relay.</summary>
    public async Task<LabHost> AddServerAsync(int addresses = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(addresses, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addresses, MaxHosts);
        int number = NextNumber(ref _serverSites);
        string name = $"{_runId}s{number}";
        var gateway = Address(25, ServerNet, number, 1);
        await AddNamespacesAsync([name], [Cable(name, "eth0", _runId + "core", $"s{number}")]).ConfigureAwait(false);
        await Tool.ConfigureAsync(_core, [$"addr add {gateway}/24 dev s{number}", $"link set s{number} up"]).ConfigureAwait(false);
        var host = new LabHost(name, gateway, [.. Enumerable.Range(2, addresses).Select(last => Address(25, ServerNet, number, last))]);
        lock (_lock)
        {
            _hosts.Add(host);
            _servers.Add(host);
        }
        await ConfigureHostAsync(host).ConfigureAwait(false);
        return host;
    }

    /// <summary>Adds a carrier that several homes can share by <see cref="HomeOptions.Carrier"/>.</summary>
    public async Task<Carrier> AddCarrierAsync(NatKind kind = NatKind.PortRestricted, HomeOptions? options = null)
    {
        if (NatKinds.IsPublic(kind) || NatKinds.CarrierOf(kind) is not null)
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "A carrier is one NAT.");
        int number = NextNumber(ref _sites);
        string name = $"{_runId}c{number}";
        var uplink = InternetUplink(number);
        await AddNamespacesAsync([name], [Cable(name, "wan", uplink.NamespaceName, uplink.Port)]).ConfigureAwait(false);
        await Tool.ConfigureAsync(_core, uplink.PortCommands).ConfigureAwait(false);
        var router = AddRouter(name, kind, options ?? new HomeOptions(), uplink, Address(100, 64, number, 1));
        await router.ConfigureAsync([]).ConfigureAwait(false);
        return new Carrier(router, uplink, number);
    }

    /// <summary>Adds a home.</summary>
    public async Task<Home> AddHomeAsync(NatKind kind, HomeOptions? options = null)
    {
        options ??= new HomeOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Hosts, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Hosts, MaxHosts, nameof(options));
        bool ownsCarrier = options.Carrier is null && NatKinds.CarrierOf(kind) is not null;
        var carrier = ownsCarrier
            ? await AddCarrierAsync(NatKinds.CarrierOf(kind)!.Value, options).ConfigureAwait(false)
            : options.Carrier;
        if (carrier is not null && NatKinds.IsPublic(kind))
            throw new ArgumentException("There are no public addresses behind a carrier.", nameof(options));
        int number = NextNumber(ref _sites);
        var uplink = carrier?.NextUplink() ?? InternetUplink(number);
        int home = Interlocked.Increment(ref _homeNumber);
        string routerName = $"{_runId}r{home}";
        string[] hostNames = [.. Enumerable.Range(0, options.Hosts).Select(index => $"{_runId}h{home}{(char)('a' + index)}")];
        string[] ports = [.. Enumerable.Range(0, options.Hosts).Select(index => $"p{index}")];
        await AddNamespacesAsync([routerName, .. hostNames],
        [
            .. hostNames.Select((host, index) => Cable(host, "eth0", routerName, ports[index])),
            .. options.Link is null ? [Cable(routerName, "wan", uplink.NamespaceName, uplink.Port)] : Array.Empty<string>(),
        ]).ConfigureAwait(false);

        string lan = NatKinds.IsPublic(kind) ? $"25.{PublicLanNet}.{number}" : options.LanPrefix ?? $"192.168.{number}";
        var gateway = IPAddress.Parse(lan + ".1");
        var innerKind = NatKinds.CarrierOf(kind) is null ? kind : NatKind.PortRestricted;
        var router = AddRouter(routerName, innerKind, options, uplink, gateway);
        var link = options.Link is null ? null : AddLink(router, uplink, options.Link, _seed + number);
        await Tool.ConfigureAsync(uplink.Thread, uplink.PortCommands).ConfigureAwait(false);
        if (NatKinds.IsPublic(kind))
            await Tool.ConfigureAsync(_core, [$"route add {lan}.0/24 via {router.Addresses.Wan}"]).ConfigureAwait(false);
        LabHost[] hosts = [.. hostNames.Select((name, index) => new LabHost(name, gateway, [IPAddress.Parse($"{lan}.{index + 2}")]))];
        lock (_lock) _hosts.AddRange(hosts);
        await router.ConfigureAsync(ports).ConfigureAwait(false);
        var added = new Home(kind, router, uplink, hosts, carrier, ownsCarrier, link);
        foreach (var host in hosts) await ConfigureHostAsync(host).ConfigureAwait(false);
        lock (_lock) _homes.Add(added);
        return added;
    }

    /// <summary>Kills the programs in the lab and removes all of it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var host in _hosts) host.Stop();
        foreach (var link in _links) link.Dispose();
        foreach (var router in _routers) router.Dispose();
        _core.Dispose();
        await Leftovers.DeleteAsync(_namespaces).ConfigureAwait(false);
    }

    internal static IPAddress Address(int first, int second, int third, int fourth) =>
        new([(byte)first, (byte)second, (byte)third, (byte)fourth]);

    private static string Cable(string namespaceA, string portA, string namespaceB, string portB) =>
        $"link add name {portA} netns {namespaceA} type veth peer name {portB} netns {namespaceB}";

    private static int NextNumber(ref int counter)
    {
        int number = Interlocked.Increment(ref counter);
        return number <= MaxSites ? number : throw new InvalidOperationException($"A lab holds at most {MaxSites} sites.");
    }

    private static async Task ConfigureHostAsync(LabHost host)
    {
        // Duplicate address detection would delay link-local IPv6, which LAN programs use, by a second.
        Kernel.Set(host.Thread, ("ipv6/conf/eth0/accept_dad", 0));
        await Tool.ConfigureAsync(host.Thread,
        [
            "link set lo up",
            .. host.Addresses.Select(address => $"addr add {address}/24 dev eth0"),
            "link set eth0 up",
            $"route add default via {host.Gateway}",
        ]).ConfigureAwait(false);
    }

    private Uplink InternetUplink(int number) => new(_core, _runId + "core", $"w{number}",
        [$"addr add {Address(25, HomeNet, number, 1)}/24 dev w{number}", $"link set w{number} up"],
        index => Address(25, HomeNet, number, 2 + index), Address(25, HomeNet, number, 1));

    private Router AddRouter(string name, NatKind kind, HomeOptions options, Uplink uplink, IPAddress lan)
    {
        var router = new Router(name, kind, options, new RouterAddresses(uplink.Addresses(0), uplink.Gateway, lan));
        lock (_lock) _routers.Add(router);
        return router;
    }

    private LinkEmulator AddLink(Router router, Uplink uplink, LinkConditions conditions, int seed)
    {
        var link = new LinkEmulator(new TapDevice(router.Thread, "wan"), new TapDevice(uplink.Thread, uplink.Port), conditions, seed);
        lock (_lock) _links.Add(link);
        return link;
    }

    private Task AddNamespacesAsync(string[] names, IEnumerable<string> cables)
    {
        lock (_lock) _namespaces.AddRange(names);
        return Tool.ConfigureAsync(null, [.. names.Select(name => $"netns add {name}"), .. cables]);
    }

    private T[] Snapshot<T>(List<T> list)
    {
        lock (_lock) return [.. list];
    }
}
