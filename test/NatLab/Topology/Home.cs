using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>A home: a router of one NAT kind and the hosts on its LAN.</summary>
public sealed class Home
{
    private readonly Uplink _uplink;
    private readonly Carrier? _ownCarrier;
    private readonly LinkEmulator? _link;
    private readonly IPAddress[] _lanAddresses;
    private int _renumbered;

    internal Home(
        NatKind kind, Router router, Uplink uplink, IReadOnlyList<LabHost> hosts, Carrier? carrier, bool ownsCarrier, LinkEmulator? link)
    {
        (Kind, Router, _uplink, Hosts, Carrier, _link) = (kind, router, uplink, hosts, carrier, link);
        _ownCarrier = ownsCarrier ? carrier : null;
        _lanAddresses = [.. hosts.Select(host => host.Address)];
    }

    /// <summary>The kind asked for.</summary>
    public NatKind Kind { get; }

    /// <summary>The computers at home.</summary>
    public IReadOnlyList<LabHost> Hosts { get; }

    /// <summary>The carrier in front of this home, if any.</summary>
    public Carrier? Carrier { get; }

    /// <summary>What the internet sees (kinds with public addresses: the first host's).</summary>
    public IPAddress PublicAddress =>
        Carrier?.PublicAddress ?? (NatKinds.IsPublic(Kind) ? Hosts[0].Address : Router.Addresses.Wan);

    /// <summary>The router's own outer address; differs from the public one behind a carrier.</summary>
    public IPAddress WanAddress => Router.Addresses.Wan;

    internal Router Router { get; }

    /// <summary>
    /// Gives the home another public address while programs run, and forgets all mappings. Behind a carrier of its own the carrier's
    /// address changes, behind a shared one only the router's; hosts with public addresses get new ones. The addresses come round again
    /// after six.
    /// </summary>
    public async Task RenumberAsync()
    {
        if (_ownCarrier is not null)
        {
            await Router.FlushAsync().ConfigureAwait(false);
            await _ownCarrier.RenumberAsync().ConfigureAwait(false);
            return;
        }
        int round = ++_renumbered % Lab.AddressesPerSite;
        if (!NatKinds.IsPublic(Kind))
        {
            await Router.RenumberAsync(Router.Addresses with { Wan = _uplink.Addresses(round) }).ConfigureAwait(false);
            return;
        }
        for (int index = 0; index < Hosts.Count; index++)
        {
            var host = Hosts[index];
            byte[] bytes = _lanAddresses[index].GetAddressBytes();
            bytes[3] += (byte)(round * Lab.MaxHosts);
            var replacement = new IPAddress(bytes);
            await Tool.ConfigureAsync(host.Thread,
            [
                "addr flush dev eth0", $"addr add {replacement}/24 dev eth0", $"route replace default via {host.Gateway}",
            ]).ConfigureAwait(false);
            host.Addresses = [replacement];
        }
        await Router.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Makes the router (and a carrier of its own) forget every mapping and flow, as a reboot does.</summary>
    public async Task FlushAsync()
    {
        await Router.FlushAsync().ConfigureAwait(false);
        if (_ownCarrier is not null) await _ownCarrier.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Takes the home's line down: packets vanish both ways until <see cref="RestoreAsync"/>. Mappings stay.</summary>
    public Task CutAsync() => Router.CutAsync();

    /// <summary>Takes the line down for a while.</summary>
    public async Task CutAsync(TimeSpan duration, CancellationToken cancellationToken = default)
    {
        await CutAsync().ConfigureAwait(false);
        try
        {
            await Task.Delay(duration, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await RestoreAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets nothing pass between this home and another's public address, silently, until <see cref="RestoreAsync"/>.</summary>
    public Task SeverAsync(Home other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Router.SeverAsync(other.PublicAddress);
    }

    /// <summary>Ends a cut.</summary>
    public Task RestoreAsync() => Router.RestoreAsync();

    /// <summary>Changes what the link does to packets.</summary>
    /// <exception cref="InvalidOperationException">The home was made without <see cref="HomeOptions.Link"/>.</exception>
    public void SetLink(LinkConditions conditions) =>
        (_link ?? throw new InvalidOperationException("Give the home HomeOptions.Link first.")).SetConditions(conditions);
}
