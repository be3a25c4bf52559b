using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Watches the ways that ICE finds between peers.</summary>
internal sealed class PathJudge(World world, Swarm swarm)
{
    private static readonly TimeSpan ConsentEnds = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan DirectIsFound = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Undisturbed = TimeSpan.FromSeconds(45);
    private readonly Dictionary<(SimulatedPeer, SimulatedPeer), MonotonicTime> _relayedSince = [];

    public void Look()
    {
        var relayed = new HashSet<(SimulatedPeer, SimulatedPeer)>();
        foreach (SimulatedPeer peer in swarm.Peers)
        {
            if (peer.Program?.Services is not { } services || peer.Host.IsAsleep) continue;
            foreach ((Protocol.PeerId id, IceAgent? agent) in services.Traversal.Ice.Connections)
            {
                if (agent is null || swarm.Find(id) is not { } remote) continue;
                CheckConsent(peer, remote, agent);
                if (agent.State == IceAgentState.Connected && agent.Selected is { IsRelayed: true }) relayed.Add((peer, remote));
            }
        }

        CheckRelayed(relayed);
    }

    /// <summary>A node says that a path fell silent for good. That is in order when the other side closed it, which it does in silence.</summary>
    public void HandleConsentLost(SimulatedPeer peer, Protocol.PeerId remoteId)
    {
        if (swarm.Find(remoteId) is not { } remote || !IsUndisturbed(peer) || !IsUndisturbed(remote)) return;
        bool isKeptThere = remote.Program?.Services?.Traversal.Ice.Connections.Any(other => other.Remote == peer.Id && other.Agent?.State is IceAgentState.Connected or IceAgentState.Doubtful) == true;
        if (!isKeptThere) return;
        world.Violate("a way that works is kept", $"{peer.Name} lost its way to {remote.Name}, and nothing was wrong");
    }

    private void CheckConsent(SimulatedPeer peer, SimulatedPeer remote, IceAgent agent)
    {
        bool isUp = agent.State is IceAgentState.Connected or IceAgentState.Doubtful;
        if (isUp && remote.DeadSince is { } since && world.Time.Now - since > ConsentEnds && IsUndisturbed(peer))
            world.Violate("consent ends with the peer", $"{peer.Name} still has a way to {remote.Name}, dead since {since.Micros / 1_000_000} s");
    }

    // Where neither NAT maps by destination, a relay is for the first moments only.
    private void CheckRelayed(HashSet<(SimulatedPeer, SimulatedPeer)> relayed)
    {
        foreach (var gone in _relayedSince.Keys.Where(pair => !relayed.Contains(pair)).ToArray()) _relayedSince.Remove(gone);
        foreach ((SimulatedPeer one, SimulatedPeer other) in relayed)
        {
            if (!_relayedSince.TryAdd((one, other), world.Time.Now) && world.Time.Now - _relayedSince[(one, other)] > DirectIsFound && IsEasy(one, other))
                world.Violate("a direct way is found", $"{one.Name} and {other.Name} use a relay since {_relayedSince[(one, other)].Micros / 1_000_000} s");
        }
    }

    private bool IsEasy(SimulatedPeer one, SimulatedPeer other) =>
        IsUndisturbed(one) && IsUndisturbed(other) && one.Host.Site != other.Host.Site
        && one.Host.Site.Nat?.Profile.IsSymmetric != true && other.Host.Site.Nat?.Profile.IsSymmetric != true;

    private bool IsUndisturbed(SimulatedPeer peer)
    {
        if (peer.Program is null || peer.Plan.Kind is PeerKind.Attacker) return false;
        MonotonicTime last = swarm.DisturbedUntil(peer);
        return world.Time.Now - last > Undisturbed && world.Time.Now - peer.StartedAt > Undisturbed;
    }
}
