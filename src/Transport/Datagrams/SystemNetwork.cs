using System.Net.NetworkInformation;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>The machine itself.</summary>
internal sealed class SystemNetwork : IHostNetwork
{
    private SystemNetwork()
    {
    }

    /// <summary>There is one, without state.</summary>
    public static SystemNetwork Instance { get; } = new();

    public Random Chance { get; } = new SecureRandom();

    // The system's own event is one of the process; listeners are passed on to it.
    public event Action? AddressesChanged
    {
        add
        {
            if (value is not null) NetworkChange.NetworkAddressChanged += new Relay(value).Handle;
        }

        remove
        {
            if (value is not null) NetworkChange.NetworkAddressChanged -= new Relay(value).Handle;
        }
    }

    public DatagramEndpoint Bind(DatagramEndpointOptions options) => DatagramEndpoint.Bind(options);

    public IPlainSocket OpenPlain(Action<TransportAddress, byte[]> received) => PlainSocket.Open(received);

    public async Task<Stream> ConnectTcpAsync(TransportAddress remote, CancellationToken cancellationToken) =>
        await TcpTransport.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);

    public TcpPort OpenTcpPort() => TcpPort.Open();

    public IReadOnlyList<HostAddress> ReadAddresses()
    {
        try
        {
            return
            [
                .. from card in NetworkInterface.GetAllNetworkInterfaces()
                   where card.OperationalStatus == OperationalStatus.Up
                   from unicast in card.GetIPProperties().UnicastAddresses
                   where !unicast.Address.IsIPv6LinkLocal && !unicast.Address.IsIPv6Multicast
                   select new HostAddress(new TransportAddress(unicast.Address, 0), unicast.PrefixLength),
            ];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    // Equal for equal listeners, so that the system's event finds it again.
    private sealed record Relay(Action Listener)
    {
        public void Handle(object? sender, EventArgs e) => Listener();
    }
}
