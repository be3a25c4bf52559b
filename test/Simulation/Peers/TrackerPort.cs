using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The tracker client's machine on a host, with answers to await.</summary>
internal sealed class TrackerPort
{
    private readonly World _world;
    private readonly MachineSocket _host;
    private readonly Dictionary<TrackerExchange, TaskCompletionSource> _waiting = [];
    private readonly Action<RendezvousOffer> _offered;

    public TrackerPort(World world, MachineSocket host, PeerId self, TransportAddress tracker, Action<RendezvousOffer> offered)
    {
        _world = world;
        _host = host;
        _offered = offered;
        Machine = new TrackerClientMachine(self, world.Fork());
        Machine.SetTracker(world.Time.Now, tracker);
        host.Attach(DatagramKind.Tracker, Machine);
    }

    public TrackerClientMachine Machine { get; }

    public void Announce(Registration registration)
    {
        Machine.Announce(_world.Time.Now, registration);
        _world.Touch(_host);
    }

    /// <summary>Who has a share; null when the tracker does not answer or nobody has it.</summary>
    public async Task<SwarmListing?> LookupAsync(string name, bool isUpdate)
    {
        var exchange = new TrackerExchange(TrackerExchangeKind.Lookup) { Name = name, IsUpdate = isUpdate };
        await RunAsync(exchange).ConfigureAwait(false);
        return exchange.Status == TrackerExchangeStatus.Answered ? exchange.Listing.ToListing() : null;
    }

    /// <summary>Asks the tracker to hand an offer to a peer; nobody waits for it.</summary>
    public void Offer(PeerId to)
    {
        Machine.Start(_world.Time.Now, new TrackerExchange(TrackerExchangeKind.Offer) { To = to, Offer = "simulated"u8.ToArray() });
        _world.Touch(_host);
    }

    public void BeforeDrain()
    {
        while (Machine.TryTakeEnded(out TrackerExchange? exchange))
        {
            if (_waiting.Remove(exchange!, out TaskCompletionSource? waiter)) waiter.SetResult();
        }

        while (Machine.TryTakeOffer(out RendezvousOffer? offer)) _offered(offer!);
    }

    private Task RunAsync(TrackerExchange exchange)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(exchange, waiter);
        Machine.Start(_world.Time.Now, exchange);
        _world.Touch(_host);
        return waiter.Task;
    }
}
