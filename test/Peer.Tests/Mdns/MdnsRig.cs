using System.Net;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Mdns;

/// <summary>Several machines on one virtual link and clock; every message is kept.</summary>
internal sealed class MdnsRig
{
    private const int MaxSteps = 200_000;
    private readonly List<Node> _nodes = [];
    private readonly byte[] _buffer = new byte[1500];

    public MonotonicTime Now { get; private set; } = new(1_000_000_000);

    /// <summary>Every message sent: when, by whom, to whom (null: all).</summary>
    public List<(double Seconds, TransportAddress Source, TransportAddress? Destination, byte[] Message)> Sent { get; } = [];

    /// <summary>Which messages get lost.</summary>
    public Func<TransportAddress, bool> Loses { get; set; } = _ => false;

    public static TransportAddress AddressOf(int host) => TransportAddress.FromIPv4(0xC0A80100u + (uint)host, MdnsService.Port);

    public static MdnsLink LinkOf(int host) => new(
        3,
        [
            new MdnsPrefix(AddressOf(host).WithPort(0), 24),
            new MdnsPrefix(new TransportAddress(IPAddress.Parse($"fe80::{host}%3"), 0), 64),
        ]);

    public static PeerId IdOf(int host) => new([.. Enumerable.Repeat((byte)host, 32)]);

    public Node Add(int host, string? label = "peer", int? seed = null)
    {
        var node = new Node(AddressOf(host), new MdnsMachine(IdOf(host), 6881, label, LinkOf(host), Now, new Random(seed ?? host)));
        _nodes.Add(node);
        return node;
    }

    public void Run(TimeSpan span)
    {
        MonotonicTime end = Now + span;
        for (int step = 0; step < MaxSteps; step++)
        {
            Drain();
            MonotonicTime? next = _nodes.Select(node => node.Machine.Deadline).Aggregate((MonotonicTime?)null, MonotonicTime.Earlier);
            if (next is not { } due || due > end)
            {
                Now = end;
                return;
            }

            if (due > Now) Now = due;
            foreach (Node node in _nodes) node.Machine.HandleTimeout(Now);
        }

        Assert.Fail("A deadline does not move.");
    }

    /// <summary>A message from somebody who is no machine of ours, heard by all.</summary>
    public void Inject(TransportAddress source, byte[] message)
    {
        foreach (Node node in _nodes) node.Machine.HandleDatagram(Now, source, message);
        Drain();
    }

    /// <summary>What a node sent since a moment.</summary>
    public byte[][] SentBy(Node node, double since = 0) => [.. Sent.Where(sent => sent.Source == node.Address && sent.Seconds >= since).Select(sent => sent.Message)];

    public double Seconds => Now.Micros / 1e6;

    public void Drain()
    {
        bool again = true;
        for (int step = 0; again && step < MaxSteps; step++)
        {
            again = false;
            foreach (Node node in _nodes)
            {
                while (node.Machine.PollTransmit(Now, _buffer, out MdnsTransmit transmit))
                {
                    again = true;
                    Deliver(node, transmit.Destination, _buffer[..transmit.Bytes]);
                }

                while (node.Machine.PollEvent(out MdnsEvent happened)) node.Take(happened);
            }
        }
    }

    private void Deliver(Node from, TransportAddress? destination, byte[] message)
    {
        Sent.Add((Seconds, from.Address, destination, message));
        if (Loses(from.Address)) return;
        foreach (Node to in _nodes)
        {
            // Multicast comes back to the sender too, as on a real link.
            if (destination is null || destination == to.Address) to.Machine.HandleDatagram(Now, from.Address, message);
        }
    }

    internal sealed class Node(TransportAddress address, MdnsMachine machine)
    {
        public TransportAddress Address => address;

        public MdnsMachine Machine => machine;

        public Dictionary<PeerId, LanPeer> Peers { get; } = [];

        public int Events { get; private set; }

        public void Take(MdnsEvent happened)
        {
            Events++;
            if (happened.IsLost) Peers.Remove(happened.Peer.Id);
            else Peers[happened.Peer.Id] = happened.Peer;
        }
    }
}
