using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>A carrier-grade NAT (RFC 6598): homes behind it have addresses of 100.64.0.0/10 and share its public address.</summary>
public sealed class Carrier
{
    private readonly Uplink _uplink;
    private readonly int _number;
    private readonly string _name;
    private int _customers;
    private int _renumbered;

    internal Carrier(Router router, Uplink uplink, int number)
    {
        (Router, _uplink, _number) = (router, uplink, number);
        _name = NamespaceNames.NodeOf(router.NamespaceName);
    }

    /// <summary>What the carrier's NAT does.</summary>
    public NatKind Kind => Router.Kind;

    /// <summary>The address that all its homes share.</summary>
    public IPAddress PublicAddress => Router.Addresses.Wan;

    internal Router Router { get; }

    /// <summary>Gives the carrier a new public address; all mappings are lost.</summary>
    public Task RenumberAsync() =>
        Router.RenumberAsync(Router.Addresses with { Wan = _uplink.Addresses(++_renumbered % Lab.AddressesPerSite) });

    /// <summary>Forgets all mappings.</summary>
    public Task FlushAsync() => Router.FlushAsync();

    /// <inheritdoc/>
    public override string ToString() => _name;

    // Customers are isolated from each other, as with a carrier's access network: they meet only through the public address.
    internal Uplink NextUplink()
    {
        int customer = Interlocked.Increment(ref _customers);
        if (customer > Lab.MaxCustomers) throw new InvalidOperationException($"A carrier serves at most {Lab.MaxCustomers} homes.");
        string port = $"c{customer}";
        return new Uplink(Router.Thread, Router.NamespaceName, port,
            [$"link set {port} master lan up", $"link set {port} type bridge_slave isolated on"],
            index => Lab.Address(100, 64, _number, 1 + customer + (index * Lab.MaxCustomers)), Lab.Address(100, 64, _number, 1));
    }
}
