using CS3103P2P.Protocol;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

/// <summary>Two machines, the datagrams between them, and a clock that jumps to the next event.</summary>
internal sealed class UtpPair
{
    public static readonly TransportAddress ClientAddress = TransportAddress.FromIPv4(0xC0000201, 1001);
    public static readonly TransportAddress ServerAddress = TransportAddress.FromIPv4(0xC6336401, 2002);

    private readonly PriorityQueue<(bool ToServer, TransportAddress Source, byte[] Datagram), long> _wire = new();
    private readonly byte[] _buffer = new byte[65_536];

    public UtpPair(int seed, UtpOptions? client = null, UtpOptions? server = null, Random? clientRandom = null, Random? serverRandom = null)
    {
        Seed = seed;
        var random = new Random(seed);
        Client = new UtpMachine(client ?? new UtpOptions(), clientRandom ?? new Random(random.Next()));
        Server = new UtpMachine(server ?? client ?? new UtpOptions(), serverRandom ?? new Random(random.Next()));
        ToServer = new VirtualLink(random);
        ToClient = new VirtualLink(random);
    }

    public int Seed { get; }

    public UtpMachine Client { get; }

    public UtpMachine Server { get; }

    public VirtualLink ToServer { get; }

    public VirtualLink ToClient { get; }

    public MonotonicTime Now { get; private set; } = new(1_000_000);

    /// <summary>How far the server's clock is ahead of the client's.</summary>
    public TimeSpan ServerClockOffset { get; set; }

    /// <summary>The source address that the server sees.</summary>
    public TransportAddress ClientSource { get; set; } = ClientAddress;

    public List<UtpConnection> Accepted { get; } = [];

    public Dictionary<UtpConnection, UtpEvents> Events { get; } = [];

    public int DatagramsToServer { get; private set; }

    public int LargestToServer { get; private set; }

    public void SetBoth(Action<VirtualLink> change)
    {
        change(ToServer);
        change(ToClient);
    }

    public UtpConnection Connect()
    {
        UtpConnection? connection = Client.Connect(Now, ServerAddress);
        Assert.IsNotNull(connection);
        return connection;
    }

    /// <summary>Connects and runs until the server has accepted.</summary>
    public (UtpConnection Client, UtpConnection Server) Establish()
    {
        int before = Accepted.Count;
        UtpConnection client = Connect();
        Assert.IsTrue(RunUntil(() => Accepted.Count > before && client.State == UtpState.Connected, 60), $"No handshake; seed {Seed}.");
        return (client, Accepted[^1]);
    }

    /// <summary>Goes on until the condition holds; false when the virtual seconds pass or nothing more can happen.</summary>
    public bool RunUntil(Func<bool> condition, double seconds)
    {
        MonotonicTime end = Now + TimeSpan.FromSeconds(seconds);
        while (true)
        {
            Drain();
            if (condition()) return true;
            MonotonicTime next = NextEvent();
            if (next > end)
            {
                Now = end;
                return false;
            }

            if (next > Now) Now = next;
            Deliver();
        }
    }

    public void Run(double seconds) => RunUntil(() => false, seconds);

    public void Touch(UtpConnection connection)
    {
        Client.Touch(connection);
        Drain();
    }

    /// <summary>Puts a datagram on the wire as if the other side, or someone else, had sent it.</summary>
    public void Inject(bool toServer, TransportAddress source, byte[] datagram) => _wire.Enqueue((toServer, source, datagram), Now.Micros);

    private MonotonicTime NextEvent()
    {
        MonotonicTime next = Client.Deadline ?? MonotonicTime.Never;
        if (Server.Deadline is { } server && server - ServerClockOffset < next) next = server - ServerClockOffset;
        if (_wire.TryPeek(out _, out long at) && at < next.Micros) next = new MonotonicTime(at);
        return next;
    }

    private void Deliver()
    {
        while (_wire.TryPeek(out var packet, out long at) && at <= Now.Micros)
        {
            _wire.Dequeue();
            if (packet.ToServer) Server.HandleDatagram(Now + ServerClockOffset, packet.Source, packet.Datagram);
            else Client.HandleDatagram(Now, packet.Source, packet.Datagram);
        }

        Client.HandleTimeout(Now);
        Server.HandleTimeout(Now + ServerClockOffset);
    }

    private void Drain()
    {
        TakeEvents(Client);
        TakeEvents(Server);
        while (Server.PollAccept(out UtpConnection accepted)) Accepted.Add(accepted);
        DrainMachine(Client, Now, true);
        DrainMachine(Server, Now + ServerClockOffset, false);
    }

    private void TakeEvents(UtpMachine machine)
    {
        while (machine.PollEvent(out UtpConnection connection, out UtpEvents events))
        {
            Events[connection] = Events.GetValueOrDefault(connection) | events;
        }
    }

    private void DrainMachine(UtpMachine machine, MonotonicTime now, bool toServer)
    {
        while (machine.PollTransmit(now, _buffer, out Transmit transmit))
        {
            for (int at = 0; at < transmit.TotalBytes; at += transmit.SegmentBytes)
            {
                byte[] datagram = _buffer.AsSpan(at, Math.Min(transmit.SegmentBytes, transmit.TotalBytes - at)).ToArray();
                if (toServer)
                {
                    DatagramsToServer++;
                    LargestToServer = Math.Max(LargestToServer, datagram.Length);
                }

                TransportAddress source = toServer ? ClientSource : ServerAddress;
                VirtualLink link = toServer ? ToServer : ToClient;
                foreach ((long arrives, byte[] copy) in link.Send(Now.Micros, datagram, transmit.MayFragment))
                {
                    _wire.Enqueue((toServer, source, copy), arrives);
                }
            }
        }
    }
}
