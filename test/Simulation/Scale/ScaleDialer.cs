using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Connects downloaders with peers that the tracker lists, within the product's limits, and counts what comes of it.</summary>
internal sealed class ScaleDialer(World world, ScaleTotals totals, PairTable pairs, ScaleSetting setting, Func<PeerId, ScalePeer?> find)
{
    public const string ShareName = "big.bin";

    // As in the product's PeerFinder and SwarmLimits.
    private const int MaxDials = 8;
    private const int MaxPeers = 40;
    private const int FewPeers = 8;
    private static readonly TimeSpan LookupPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HungryPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RelayPause = TimeSpan.FromMinutes(1);
    private readonly Random _random = world.Fork();

    /// <summary>Goes on with one downloader.</summary>
    public void Step(ScalePeer peer)
    {
        MonotonicTime now = world.Time.Now;
        for (int i = peer.Sources.Count - 1; i >= 0; i--) Judge(now, peer.Sources[i]);
        peer.DeadDials.RemoveAll(until => until <= now);
        int dialling = peer.DeadDials.Count + peer.Sources.Count(connection => !connection.IsUp(now));
        while (dialling < MaxDials && peer.Sources.Count + peer.DeadDials.Count < MaxPeers && peer.Candidates.TryDequeue(out PeerId id))
        {
            if (peer.Sources.Exists(connection => connection.Source.Id == id)) continue;
            dialling++;
            Dial(now, peer, id);
        }

        LookUp(now, peer);
    }

    /// <summary>Asks the relay for an allocation, as whoever uses ICE does, and again a while after it refused.</summary>
    public void KeepRelay(ScalePeer peer)
    {
        bool isWanted = peer.Sources.Count + peer.Sinks.Count > 0 && (peer.Relay is null || peer.Relay.HasFailed);
        if (!isWanted || world.Time.Now < peer.NextRelayTry || peer.Tracker.Machine.Relay is not { } grant) return;
        peer.NextRelayTry = world.Time.Now + RelayPause;
        peer.Relay = new ScaleRelayClient(world, peer.Socket, grant.Relay, new TurnCredentials(grant.User, grant.Password), _random);
    }

    /// <summary>Ends a connection.</summary>
    public static void End(ScaleConnection connection)
    {
        connection.Source.Sinks.Remove(connection);
        connection.Sink.Sources.Remove(connection);
    }

    private void Dial(MonotonicTime now, ScalePeer peer, PeerId id)
    {
        if (find(id) is not { } source)
        {
            totals.Gone++;
            peer.DeadDials.Add(now + DeadAfter);
            return;
        }

        if (source == peer || source.Sinks.Count >= setting.MaxConnections) return;
        PairOutcome outcome = pairs.Draw(source.Kind, peer.Kind, _random);
        var connection = new ScaleConnection(source, peer, outcome, now);
        source.Sinks.Add(connection);
        peer.Sources.Add(connection);
        for (int i = 0; i < outcome.Offers; i++)
        {
            if (i % 2 == 0) peer.Tracker.Offer(source.Id);
            else source.Tracker.Offer(peer.Id);
        }
    }

    private void Judge(MonotonicTime now, ScaleConnection connection)
    {
        if (connection.IsCounted || (connection.Outcome.ConnectedAfter is not null && !connection.IsUp(now))) return;
        bool isServed = connection.Source.Relay?.IsReady == true || connection.Sink.Relay?.IsReady == true;
        bool isRefused = connection.Source.Relay?.HasFailed == true && connection.Sink.Relay?.HasFailed == true;
        connection.IsCounted = !connection.IsRelayedForGood || isServed || isRefused;
        if (connection.Outcome.ConnectedAfter is null || (connection.IsRelayedForGood && !isServed && isRefused))
        {
            totals.Failed++;
            End(connection);
        }
        else if (!connection.IsRelayedForGood)
        {
            totals.Direct++;
        }
        else if (isServed)
        {
            totals.Relayed++;
        }
    }

    private void LookUp(MonotonicTime now, ScalePeer peer)
    {
        if (!peer.Looking.IsCompleted || peer.Candidates.Count > 0) return;
        peer.Looking.GetAwaiter().GetResult();
        bool isHungry = peer.Sources.Sum(connection => connection.Rate) < peer.DownRate / 2;
        TimeSpan period = peer.Sources.Count < FewPeers ? LookupPeriod : HungryPeriod;
        if (peer.Sources.Count >= MaxPeers || (peer.Sources.Count >= FewPeers && !isHungry) || (peer.LastLookup is { } last && now < last + period)) return;
        peer.Looking = LookUpAsync(peer, isUpdate: peer.LastLookup is not null);
        peer.LastLookup = now;
    }

    private static async Task LookUpAsync(ScalePeer peer, bool isUpdate)
    {
        SwarmListing? listing = await peer.Tracker.LookupAsync(ShareName, isUpdate);
        if (listing is null) return;
        foreach (SwarmPeer listed in listing.Peers)
        {
            if (listed.Id is { } id && id != peer.Id) peer.Candidates.Enqueue(id);
        }
    }
}
