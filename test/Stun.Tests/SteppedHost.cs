using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Stun.Tests;

/// <summary>A machine in memory whose loop is stepped by hand: ICE on it, and a wire to another one.</summary>
internal sealed class SteppedHost : IDatagramSocket, IHostNetwork
{
    private readonly Queue<(TransportAddress Source, byte[] Bytes)> _arrived = new();
    private readonly DatagramEndpoint _endpoint;
    private (TransportAddress Source, byte[] Bytes) _slot;

    public SteppedHost(byte number, TimeProvider time)
    {
        LocalAddress = TransportAddress.FromIPv4(0x01010100u + number, 1000);
        Chance = new Random(number);
        Id = new PeerId(Enumerable.Repeat(number, PeerId.SizeInBytes).ToArray());
        _endpoint = DatagramEndpoint.CreateStepped(this, this, time, NullLogger.Instance);
        Ice = new IceTransport(StunClient.Attach(_endpoint));
    }

    public event Action? AddressesChanged
    {
        add { }
        remove { }
    }

    public PeerId Id { get; }

    public IceTransport Ice { get; }

    public SteppedHost? Other { get; set; }

    /// <summary>Whether what it sends is lost.</summary>
    public bool IsMuted { get; set; }

    /// <summary>Whether the last turn came to rest.</summary>
    public bool Rests { get; private set; }

    public TransportAddress LocalAddress { get; }

    public string Description => "in memory";

    public Random Chance { get; }

    public bool HasArrived => _arrived.Count > 0;

    public void Step()
    {
        Rests = false;
        _endpoint.Step();
    }

    public Task<bool> SendOfferAsync(PeerId to, ReadOnlyMemory<byte> offer, CancellationToken cancellationToken)
    {
        Other!.Ice.HandleOffer(Id, offer, Other.SendOfferAsync);
        return Task.FromResult(true);
    }

    public void Wait(long timeoutMicros, bool untilWritable) => Rests = true;

    public void Wake() => Rests = false;

    public int Receive() => _arrived.TryDequeue(out _slot) ? 1 : 0;

    public ReadOnlySpan<byte> GetReceived(int slot, out TransportAddress source, out int segmentBytes)
    {
        source = _slot.Source;
        segmentBytes = _slot.Bytes.Length;
        return _slot.Bytes;
    }

    public void SetMayFragment(bool allowed)
    {
    }

    public SendOutcome Send(TransportAddress destination, ReadOnlySpan<byte> payload, int segmentBytes, out int bytesTaken)
    {
        bytesTaken = payload.Length;
        if (!IsMuted && destination == Other!.LocalAddress) Other._arrived.Enqueue((LocalAddress, payload.ToArray()));
        return SendOutcome.Sent;
    }

    public DatagramEndpoint Bind(DatagramEndpointOptions options) => throw new SocketException((int)SocketError.AccessDenied);

    public IPlainSocket OpenPlain(Action<TransportAddress, byte[]> received) => throw new SocketException((int)SocketError.AccessDenied);

    public Task<Stream> ConnectTcpAsync(TransportAddress remote, CancellationToken cancellationToken) => throw new SocketException((int)SocketError.AccessDenied);

    public IReadOnlyList<HostAddress> ReadAddresses() => [new HostAddress(LocalAddress.WithPort(0), 24)];

    public void Dispose()
    {
    }
}
