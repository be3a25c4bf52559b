using System.Diagnostics;
using CS3103P2P.Interop.Support;

namespace CS3103P2P.Interop.PortMapping;

/// <summary>
/// A home (192.168.77.2), its router with a real miniupnpd, and somebody outside (25.10.0.2). The addresses only look public: miniupnpd
/// refuses to work behind the ranges reserved for documentation.
/// </summary>
internal sealed class MiniupnpdLab : IAsyncDisposable
{
    public const string Home = "h";
    public const string Router = "r";
    public const string Outside = "o";
    public const string External = "25.10.0.1";

    private const string Rules = """
        table inet filter {
          chain miniupnpd { }
          chain prerouting_miniupnpd { }
          chain postrouting_miniupnpd { }
          chain input { type filter hook input priority filter; iifname "wan" ct state established,related accept; iifname "wan" drop; }
          chain forward { type filter hook forward priority filter; policy drop;
            ct state established,related accept; iifname "lan" oifname "wan" accept; jump miniupnpd; }
          chain prerouting { type nat hook prerouting priority dstnat; jump prerouting_miniupnpd; }
          chain postrouting { type nat hook postrouting priority srcnat; jump postrouting_miniupnpd; oifname "wan" masquerade; }
        }
        """;

    private readonly NamespaceLab _lab = new();
    private readonly int _maxLifetimeSeconds;
    private LabProgram? _daemon;
    private long _daemonStarted;

    private MiniupnpdLab(int maxLifetimeSeconds) => _maxLifetimeSeconds = maxLifetimeSeconds;

    /// <summary>Builds it and waits until the daemon listens.</summary>
    public static async Task<MiniupnpdLab> StartAsync(int maxLifetimeSeconds = 86400, string externalAddress = External)
    {
        NamespaceLab.Require("miniupnpd", "nft", "nc", "dotnet");
        var lab = new MiniupnpdLab(maxLifetimeSeconds);
        try
        {
            await lab.BuildAsync(externalAddress);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the router deaf to PCP, so that a client falls back to NAT-PMP; to both, so that UPnP is left.</summary>
    public async Task AllowOnlyAsync(string protocol)
    {
        if (protocol == "NatPmp") await NftAsync("add", "rule", "inet", "filter", "input", "udp", "dport", "5351", "@th,64,8", "2", "drop");
        if (protocol == "UpnpIgd") await NftAsync("add", "rule", "inet", "filter", "input", "udp", "dport", "5351", "drop");
    }

    public LabProgram StartAgent(params string[] arguments) => _lab.StartAgent(Home, arguments);

    public LabProgram Start(string where, params string[] command) => _lab.Start(where, command);

    /// <summary>The port forwardings that the router really has.</summary>
    public Task<string> MappingsAsync() => NftAsync("list", "chain", "inet", "filter", "prerouting_miniupnpd");

    /// <summary>Waits until the router's forwardings satisfy a condition.</summary>
    public async Task<string> WaitForMappingsAsync(Func<string, bool> condition, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        string mappings = await MappingsAsync();
        while (!condition(mappings))
        {
            if (!await Ticked(timer, deadline.Token)) Assert.Fail($"The router's mappings never became what was expected:\n{mappings}\n{_daemon!.Output}");
            mappings = await MappingsAsync();
        }

        return mappings;
    }

    /// <summary>
    /// Ends the daemon, forgets all mappings, starts it again and lets it announce itself to all hosts, as a router's scripts do
    /// once the line is up (SIGUSR1).
    /// </summary>
    public async Task RestartRouterAsync()
    {
        await _daemon!.DisposeAsync();
        await NftAsync("flush", "chain", "inet", "filter", "prerouting_miniupnpd");
        await NftAsync("flush", "chain", "inet", "filter", "miniupnpd");
        await StartDaemonAsync();
        string pid = await File.ReadAllTextAsync(Path.Combine(_lab.Folder, "pid"));
        await _lab.InAsync(Router, "kill", "-USR1", pid.Trim());
    }

    /// <summary>How long the daemon has counted its epoch.</summary>
    public TimeSpan DaemonAge => Stopwatch.GetElapsedTime(_daemonStarted);

    public int CountInDaemonLog(string text) => _daemon!.Output.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private static async Task<bool> Ticked(PeriodicTimer timer, CancellationToken deadline)
    {
        try
        {
            return await timer.WaitForNextTickAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Task<string> NftAsync(params string[] arguments) => _lab.InAsync(Router, ["nft", .. arguments]);

    private async Task BuildAsync(string externalAddress)
    {
        foreach (string name in new[] { Home, Router, Outside }) await _lab.AddAsync(name);
        await _lab.LinkAsync(Home, "eth0", "192.168.77.2/24", Router, "lan", "192.168.77.1/24");
        await _lab.LinkAsync(Outside, "eth0", "25.10.0.2/24", Router, "wan", externalAddress + "/24");
        await _lab.InAsync(Home, "ip", "route", "add", "default", "via", "192.168.77.1");
        await _lab.InAsync(Router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        string rules = Path.Combine(_lab.Folder, "rules.nft");
        await File.WriteAllTextAsync(rules, Rules);
        await NftAsync("-f", rules);
        await File.WriteAllTextAsync(Path.Combine(_lab.Folder, "miniupnpd.conf"), $"""
            ext_ifname=wan
            listening_ip=lan
            http_port=0
            enable_natpmp=yes
            enable_upnp=yes
            secure_mode=yes
            uuid=5d7ee931-db65-4ff6-9f6c-e09025d71df8
            upnp_table_name=filter
            upnp_nat_table_name=filter
            upnp_forward_chain=miniupnpd
            upnp_nat_chain=prerouting_miniupnpd
            upnp_nat_postrouting_chain=postrouting_miniupnpd
            min_lifetime={Math.Min(120, _maxLifetimeSeconds / 2)}
            max_lifetime={_maxLifetimeSeconds}
            allow 1024-65535 192.168.77.0/24 1024-65535
            deny 0-65535 0.0.0.0/0 0-65535

            """);
        await StartDaemonAsync();
    }

    private async Task StartDaemonAsync()
    {
        _daemonStarted = Stopwatch.GetTimestamp();
        _daemon = _lab.Start(Router, "miniupnpd", "-d", "-f", Path.Combine(_lab.Folder, "miniupnpd.conf"), "-P", Path.Combine(_lab.Folder, "pid"));
        await _daemon.WaitForLineAsync("Listening for NAT-PMP/PCP traffic");
    }
}
