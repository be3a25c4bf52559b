using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

/// <summary>TURN clients and a server without sockets: datagrams move at once, time jumps from deadline to deadline.</summary>
internal sealed class TurnPair : ITurnRelayPorts
{
    public static readonly TransportAddress ServerAddress = Addresses.Of("192.0.2.1:3478");
    public static readonly TransportAddress RemotePeer = Addresses.Of("198.51.100.7:6881");
    public static readonly TurnCredentials Alice = new("alice", "wonderland");
    public const string Secret = "a shared secret";
    public const long UnixSecondsAtZero = 1_700_000_000;

    private readonly byte[] _output = new byte[70_000];
    private readonly byte[] _buffer = new byte[4096];
    private readonly Func<StunTransactionId> _newId = Ids.Counting();
    private readonly List<TestClient> _clients = [];

    public TurnPair(TurnServerOptions? options = null)
    {
        Server = new TurnServerMachine(options ?? Options(), this, new byte[32], UnixSecondsAtZero);
    }

    public TurnServerMachine Server { get; }

    public MonotonicTime Now { get; private set; }

    public HashSet<int> OpenPorts { get; } = [];

    /// <summary>What the server sent to peers.</summary>
    public List<(TransportAddress Peer, byte[] Data)> AtPeers { get; } = [];

    /// <summary>Decides which datagrams are lost.</summary>
    public Func<bool> IsLost { get; set; } = () => false;

    /// <summary>The methods of the requests that reached the server.</summary>
    public List<StunMethod> Requests { get; } = [];

    public static TurnServerOptions Options() => new() { Users = [Alice], SharedSecret = Secret, Realm = "test" };

    public TestClient AddClient(TurnClientSettings? settings = null, string address = "203.0.113.5:6881", bool start = true)
    {
        var client = new TestClient(Addresses.Of(address), settings ?? new TurnClientSettings { Credentials = Alice }, _newId);
        _clients.Add(client);
        if (start) client.Machine.Start(Now);
        Settle();
        return client;
    }

    public void RemoveClient(TestClient client) => _clients.Remove(client);

    /// <summary>Moves datagrams until all is quiet.</summary>
    public void Settle()
    {
        for (bool moved = true; moved;)
        {
            moved = false;
            foreach (TestClient client in _clients)
            {
                while (client.Machine.PollTransmit(Now, _buffer, out Transmit transmit))
                {
                    moved = true;
                    if (!IsLost()) FromClient(client.Address, _buffer.AsSpan(0, transmit.TotalBytes));
                }
            }
        }
    }

    /// <summary>Goes through all deadlines of a span of time.</summary>
    public void Run(TimeSpan span)
    {
        MonotonicTime end = Now + span;
        for (int steps = 0; steps < 100_000; steps++)
        {
            MonotonicTime? next = Server.Deadline;
            foreach (TestClient client in _clients) next = MonotonicTime.Earlier(next, client.Machine.Deadline);
            if (next is not { } due || due > end) break;
            if (due > Now) Now = due;
            foreach (TestClient client in _clients) client.Machine.HandleTimeout(Now);
            Settle();
            Server.HandleTimeout(Now);
        }

        Now = end;
    }

    public void FromClient(TransportAddress client, ReadOnlySpan<byte> message)
    {
        if (StunMessage.TryParse(message, out StunMessage stun) && stun.Class == StunClass.Request) Requests.Add(stun.Method);
        Deliver(Server.HandleClient(Now, new TurnClientKey(client, 0), message, _output));
    }

    public void FromPeer(TransportAddress relayed, TransportAddress peer, ReadOnlySpan<byte> data) =>
        Deliver(Server.HandlePeer(Now, relayed.Port - 50_000, peer, data, _output, _newId));

    bool ITurnRelayPorts.TryOpen(int allocationId, bool wantIPv6, bool evenPort, out TransportAddress relayed)
    {
        relayed = Addresses.Of("192.0.2.9:1").WithPort((ushort)(50_000 + allocationId));
        return OpenPorts.Add(allocationId);
    }

    bool ITurnRelayPorts.Supports(bool wantIPv6) => !wantIPv6;

    void ITurnRelayPorts.Close(int allocationId) => Assert.IsTrue(OpenPorts.Remove(allocationId));

    private void Deliver(TurnOutput output)
    {
        byte[] bytes = _output[..output.Bytes];
        if (output.Kind == TurnOutputKind.ToPeer) AtPeers.Add((output.Peer, bytes));
        if (output.Kind != TurnOutputKind.ToClient || IsLost()) return;
        _clients.Find(c => c.Address == output.Client.Address)?.Receive(Now, bytes);
    }

    internal sealed class TestClient : ITurnClientHandler
    {
        public TestClient(TransportAddress address, TurnClientSettings settings, Func<StunTransactionId> newId)
        {
            Address = address;
            Machine = new TurnClientMachine(ServerAddress, settings, newId, this);
        }

        public TransportAddress Address { get; set; }

        public TurnClientMachine Machine { get; }

        public List<(TransportAddress Peer, TurnFailure? Failure)> Peers { get; } = [];

        public List<(TransportAddress Peer, byte[] Data)> Received { get; } = [];

        public List<byte[]> Frames { get; } = [];

        public void Receive(MonotonicTime now, byte[] bytes)
        {
            Frames.Add(bytes);
            bool taken = StunMessage.TryParse(bytes, out StunMessage message)
                ? Machine.HandleMessage(now, ServerAddress, message)
                : Machine.HandleChannelData(now, ServerAddress, bytes);
            Assert.IsTrue(taken || Machine.State is TurnClientState.Closed or TurnClientState.Ready);
        }

        public void HandleState(MonotonicTime now, TurnClientState state)
        {
        }

        public void HandlePeer(MonotonicTime now, TransportAddress peer, TurnFailure? failure) => Peers.Add((peer, failure));

        public void HandleData(MonotonicTime now, TransportAddress peer, ReadOnlySpan<byte> data) => Received.Add((peer, data.ToArray()));
    }
}
