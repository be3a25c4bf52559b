using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Diagnosis;

/// <summary>Asks every server once by UDP, over IPv4 and IPv6, and by TCP where no server answers by UDP.</summary>
internal sealed class ServerSurvey
{
    private const int MaxAddressesPerName = 8;
    private static readonly TimeSpan TcpTimeout = TimeSpan.FromSeconds(3);
    private static readonly TransportAddress SomewhereIPv6 = new(IPAddress.Parse("2001:db8::1"), 9);   // for a look at the routes; nothing is sent

    private ServerSurvey()
    {
    }

    /// <summary>What each server answered.</summary>
    public required IReadOnlyList<NatServerReport> Reports { get; init; }

    /// <summary>The IPv4 servers that answered by UDP, those with two addresses first.</summary>
    public required IReadOnlyList<TransportAddress> Answering { get; init; }

    /// <summary>Local ports, and those that servers saw.</summary>
    public required IReadOnlyList<(ushort Local, ushort External)> Ports { get; init; }

    /// <summary>The address from which this machine sends, port 0; null without a route.</summary>
    public TransportAddress? LocalAddress { get; init; }

    /// <summary>This machine as seen from outside; null when no server answered by UDP.</summary>
    public TransportAddress? PublicAddress { get; init; }

    /// <summary>Whether TCP alone gets through; null when nothing does.</summary>
    public bool? IsUdpBlocked { get; init; }

    /// <summary>A global IPv6 address of this machine, port 0.</summary>
    public TransportAddress? IPv6Address { get; init; }

    /// <summary>Whether a server answered over IPv6; null when none could be asked.</summary>
    public bool? IsIPv6Reachable { get; init; }

    public static async Task<ServerSurvey> RunAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        Named[] servers = await Task.WhenAll(names.Distinct(StringComparer.OrdinalIgnoreCase).Take(NatDiagnosisOptions.MaxServers)
            .Select(name => ResolveAsync(name, cancellationToken))).ConfigureAwait(false);
        TransportAddress? ipv6 = LocalAddresses.Toward([SomewhereIPv6], default) is [var source] && IsGlobal(source) ? source.WithPort(0) : null;
        await using StunClient client = StunClient.Bind(new TransportAddress(IPAddress.Any, 0));
        Task<bool?> reachable = ReachesByIPv6Async(servers, ipv6, cancellationToken);
        StunBindingResult[] answers = await Task.WhenAll(servers.Select(server => AskAsync(client, server, cancellationToken))).ConfigureAwait(false);
        bool byUdp = answers.Any(answer => answer.IsSuccess);
        (bool? Reached, TransportAddress? Seen)[] byTcp = byUdp
            ? [.. servers.Select(_ => ((bool?)null, (TransportAddress?)null))]
            : await Task.WhenAll(servers.Select(server => TryTcpAsync(server, cancellationToken))).ConfigureAwait(false);
        StunBindingResult[] good = [.. answers.Where(answer => answer.IsSuccess)];
        return new ServerSurvey
        {
            Reports = [.. servers.Select((server, i) => Report(server, answers[i], byTcp[i]))],
            Answering = [.. good.OrderByDescending(answer => answer.HasTwoAddressServer).Select(answer => answer.Server).Distinct()],
            Ports = [.. good.Select(answer => (client.LocalAddress.Port, answer.MappedAddress.Port))],
            LocalAddress = LocalAddresses.Toward(servers.SelectMany(server => server.Addresses).Where(a => a.IsIPv4), default) is [var local, ..] ? local.WithPort(0) : null,
            PublicAddress = byUdp ? good[0].MappedAddress : null,
            IsUdpBlocked = byUdp ? false : byTcp.Any(tcp => tcp.Reached == true) ? true : null,
            IPv6Address = ipv6,
            IsIPv6Reachable = await reachable.ConfigureAwait(false),
        };
    }

    private static NatServerReport Report(Named server, StunBindingResult answer, (bool? Reached, TransportAddress? Seen) tcp) => new(
        server.Name, answer.IsSuccess ? answer.MappedAddress : null, answer.RoundTrip, answer.HasTwoAddressServer, tcp.Reached, tcp.Seen, answer.Outcome);

    private static async Task<Named> ResolveAsync(string name, CancellationToken cancellationToken) =>
        new(name, await ServerNames.ResolveAsync(name, StunClient.StandardPort, MaxAddressesPerName, cancellationToken).ConfigureAwait(false));

    private static Task<StunBindingResult> AskAsync(StunClient client, Named server, CancellationToken cancellationToken) => server.IPv4 is { } address
        ? client.QueryAsync(address, cancellationToken)
        : Task.FromResult(new StunBindingResult { Outcome = StunOutcome.NameNotResolved });

    private static async Task<bool?> ReachesByIPv6Async(Named[] servers, TransportAddress? own, CancellationToken cancellationToken)
    {
        TransportAddress[] asked = [.. servers.SelectMany(server => server.Addresses.Where(address => !address.IsIPv4).Take(1))];
        if (own is null || asked.Length == 0) return null;
        await using StunClient client = StunClient.Bind(new TransportAddress(IPAddress.IPv6Any, 0));
        StunBindingResult[] answers = await Task.WhenAll(asked.Select(address => client.QueryAsync(address, cancellationToken))).ConfigureAwait(false);
        return answers.Any(answer => answer.IsSuccess);
    }

    // A connection shows that TCP gets through even where the server speaks no STUN over it.
    private static async Task<(bool? Reached, TransportAddress? Seen)> TryTcpAsync(Named server, CancellationToken cancellationToken)
    {
        if (server.Addresses.Count == 0) return (null, null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TcpTimeout);
        bool reached = false;
        try
        {
            using var tcp = new TcpClient(server.Addresses[0].IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
            await tcp.ConnectAsync(server.Addresses[0].ToIPEndPoint(), limit.Token).ConfigureAwait(false);
            reached = true;
            return (true, await StunStreamQuery.AskAsync(tcp.GetStream(), limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (reached, null);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return (reached, null);
        }
    }

    private static bool IsGlobal(TransportAddress address) => !address.IsIPv4 && address.AddressBits >> 125 == 1;   // 2000::/3

    private sealed record Named(string Name, IReadOnlyList<TransportAddress> Addresses)
    {
        public TransportAddress? IPv4 => Addresses.Where(address => address.IsIPv4).Select(address => (TransportAddress?)address).FirstOrDefault();
    }
}
