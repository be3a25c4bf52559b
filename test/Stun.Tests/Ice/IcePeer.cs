using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>A machine with an agent on it: does what the shell does, on virtual time.</summary>
internal sealed class IcePeer : IVirtualNode
{
    private const byte DataByte = 0xD7;
    private static readonly TimeSpan OfferRepetition = TimeSpan.FromMilliseconds(500);

    private readonly IceWorld _world;
    private readonly VirtualNetwork _network;
    private readonly IceNatKind _kind;
    private readonly byte[] _buffer = new byte[1500];
    private readonly List<string> _log = [];
    private TransportAddress? _relayed;
    private MonotonicTime? _timer;
    private IcePeer? _peer;
    private double _offerLoss;
    private bool _hasPeersOffer;

    public IcePeer(IceWorld world, VirtualNetwork network, TransportAddress address, IceNatKind kind, VirtualRouter[] routers)
    {
        _world = world;
        _network = network;
        _kind = kind;
        Address = address;
        Routers = routers;
        network.Attach(address, this);
    }

    public TransportAddress Address { get; }

    /// <summary>From the inside to the outside.</summary>
    public VirtualRouter[] Routers { get; }

    public IceAgent? Agent { get; private set; }

    public MonotonicTime? ConnectedAt { get; private set; }

    public MonotonicTime? DirectAt { get; private set; }

    public int ChecksSent { get; private set; }

    public int DataReceived { get; private set; }

    public bool GathersOnDoubt { get; set; } = true;

    public bool HasRelay { get; set; } = true;

    /// <summary>Whether it found out how its NAT picks ports; that takes two servers.</summary>
    public bool KnowsMapping { get; set; } = true;

    /// <summary>Whether its offers reach nobody any more.</summary>
    public bool LosesOffers { get; set; }

    public string Log => string.Join('\n', _log);

    public IceNat Nat
    {
        get
        {
            NatFiltering filtering = _kind switch
            {
                IceNatKind.Public or IceNatKind.FullCone => NatFiltering.EndpointIndependent,
                IceNatKind.RestrictedCone => NatFiltering.AddressDependent,
                _ => NatFiltering.AddressAndPortDependent,
            };
            if (!KnowsMapping) return new IceNat(NatMapping.Unknown, filtering);
            return _kind switch
            {
                IceNatKind.SymmetricSequential => new IceNat(NatMapping.Dependent, filtering, 1),
                IceNatKind.Symmetric or IceNatKind.CgnatSymmetric => new IceNat(NatMapping.Dependent, filtering),
                _ => new IceNat(NatMapping.EndpointIndependent, filtering),
            };
        }
    }

    /// <summary>Begins; the peer begins when the offer reaches it.</summary>
    public void Connect(IcePeer peer, double offerLoss = 0)
    {
        _peer = peer;
        _offerLoss = offerLoss;
        Begin(IceRole.Controlling);
        SendOffers();
    }

    public void Begin(IceRole role, ulong? tieBreaker = null)
    {
        var settings = new IceAgentSettings { Role = role, TieBreaker = tieBreaker ?? (ulong)_world.Time.Random.NextInt64(), Credentials = NewCredentials() };
        Agent = new IceAgent(settings, new Random(_world.Time.Random.Next()), NewId);
        Agent.Start(_world.Time.Now, Gather());
        Drain();
    }

    public IceCredentials NewCredentials() => new(RandomText(8), RandomText(24));

    /// <summary>What the shell does after a change of network.</summary>
    public void GatherAgain()
    {
        Agent!.SetLocal(_world.Time.Now, Gather());
        Offer(isRepetition: false);
        Drain();
    }

    public void Restart()
    {
        Agent!.Restart(_world.Time.Now, NewCredentials());
        GatherAgain();
    }

    public void HandleOffer(IcePeer from, IceRemoteDescription offer, double offerLoss, bool wantsAnswer)
    {
        _peer = from;
        _offerLoss = offerLoss;
        bool isNew = Agent is null;
        if (isNew) Begin(IceRole.Controlled);
        _hasPeersOffer = true;
        Agent!.SetRemote(_world.Time.Now, offer);
        if (isNew) SendOffers();
        else if (wantsAnswer || !offer.IsConfirmed) Offer(isRepetition: true);
        Drain();
    }

    /// <summary>Gives the other an offer at once.</summary>
    public void Introduce(IcePeer to)
    {
        _peer = to;
        IceLocalDescription local = Gather();
        to.HandleOffer(this, new IceRemoteDescription(Agent!.Credentials, local.Candidates, local.Nat, true), 0, wantsAnswer: false);
    }

    /// <summary>Sends data on the path in use; it counts at the peer when it comes from an address that the peer knows as ours.</summary>
    public void SendData()
    {
        if (Agent!.Selected is { } path) Send(path.Path, path.Remote, [DataByte]);
    }

    public void Receive(TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        int path = destination.Port == Address.Port ? IcePaths.SharedSocket : destination.Port - ExtraPortBase + IcePaths.FirstExtraSocket;
        Receive(path, source, datagram);
    }

    public void Drain()
    {
        IceAgent agent = Agent!;
        IceEvents events;
        do
        {
            while (agent.PollTransmit(_world.Time.Now, _buffer, out IceTransmit transmit))
            {
                ChecksSent++;
                Send(transmit.Path, transmit.Destination, _buffer.AsSpan(0, transmit.Bytes).ToArray());
            }

            events = agent.TakeEvents();
            Handle(events);
        }
        while (events != IceEvents.None);
        Arm();
    }

    private const int ExtraPortBase = 20_000;

    private void Handle(IceEvents events)
    {
        if (events == IceEvents.None) return;
        _log.Add($"{_world.Time.Now.Micros / 1000} {events} {Agent!.Selected} {Agent.State}");
        if (Agent.State == IceAgentState.Connected)
        {
            ConnectedAt ??= _world.Time.Now;
            if (Agent.Selected is { IsRelayed: false }) DirectAt ??= _world.Time.Now;
        }

        if (events.HasFlag(IceEvents.SocketsChanged) && Agent.WantedSockets > 0) Agent.HandleSocketsOpened(_world.Time.Now, Agent.WantedSockets);

        if (events.HasFlag(IceEvents.PathDoubtful) && GathersOnDoubt) GatherAgain();
    }

    private void Receive(int path, TransportAddress source, byte[] datagram)
    {
        if (Agent is null) return;
        if (datagram.Length == 1)
        {
            var known = new List<IcePath>();
            Agent.CopyProvenPaths(known);
            if (known.Any(k => k.Path == path && k.Remote == source)) DataReceived++;
            return;
        }

        if (StunMessage.TryParse(datagram, out StunMessage message)) Agent.HandleMessage(_world.Time.Now, path, source, message);
        Drain();
    }

    private void Send(int path, TransportAddress destination, byte[] datagram)
    {
        if (IcePaths.IsRelay(path)) _world.Relay!.Send(_relayed!.Value, destination, datagram);
        else if (path == IcePaths.SharedSocket) _network.Send(Address, destination, datagram);
        else _network.Send(Address.WithPort((ushort)(ExtraPortBase + path - IcePaths.FirstExtraSocket)), destination, datagram);
    }

    private void Arm()
    {
        if (Agent!.Deadline is not { } due || (_timer is { } armed && armed <= due && armed > _world.Time.Now)) return;
        _timer = due;
        _world.Time.At(due, () =>
        {
            _timer = null;
            Agent!.HandleTimeout(_world.Time.Now);
            Drain();
        });
    }

    private IceLocalDescription Gather()
    {
        var candidates = new List<IceCandidate> { IceCandidate.Create(IceCandidateType.Host, Address) };
        _network.Trace(Address, IceWorld.FirstStun);
        if (_network.Trace(Address, IceWorld.SecondStun) is { } reflexive)
        {
            if (reflexive != Address) candidates.Add(IceCandidate.Create(IceCandidateType.ServerReflexive, reflexive));
            if (Nat.PortDelta != 0)
            {
                for (int i = 1; i <= 5; i++) candidates.Add(IceCandidate.Create(IceCandidateType.Predicted, reflexive.WithPort((ushort)(reflexive.Port + i))));
            }
        }

        if (HasRelay && _world.Relay is { } relay)
        {
            _relayed ??= relay.Allocate((source, datagram) => Receive(IcePaths.FirstRelay, source, datagram));
            candidates.Add(IceCandidate.Create(IceCandidateType.Relayed, _relayed.Value, IcePaths.FirstRelay));
        }

        return new IceLocalDescription(candidates, [new IceSubnet(Address, 24)], Nat);
    }

    private void SendOffers()
    {
        if (_hasPeersOffer && Agent!.State != IceAgentState.Connecting) return;
        Offer(isRepetition: true);
        _world.Time.After(OfferRepetition, () =>
        {
            if (Agent!.State == IceAgentState.Connecting) SendOffers();
        });
    }

    private void Offer(bool isRepetition)
    {
        IceLocalDescription local = Gather();
        IcePeer to = _peer!;
        var offer = new IceRemoteDescription(Agent!.Credentials, local.Candidates, local.Nat, _hasPeersOffer);
        _world.Deliver(() => to.HandleOffer(this, offer, _offerLoss, wantsAnswer: !isRepetition), LosesOffers ? 1 : _offerLoss);
    }

    private StunTransactionId NewId()
    {
        Span<byte> bytes = stackalloc byte[StunTransactionId.SizeInBytes];
        _world.Time.Random.NextBytes(bytes);
        return new StunTransactionId(bytes);
    }

    private string RandomText(int length) => string.Create(length, _world.Time.Random, (span, random) =>
    {
        foreach (ref char c in span) c = (char)('a' + random.Next(26));
    });
}
