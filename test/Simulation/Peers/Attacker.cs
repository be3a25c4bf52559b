using System.Globalization;
using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>Sends noise to peers and forged requests to the tracker, for as long as the run goes.</summary>
internal sealed class Attacker(World world, Swarm swarm, SimulatedPeer self)
{
    private const int MaxNoiseBytes = 1_400;
    private const int PeriodMilliseconds = 400;
    private readonly Random _random = world.Fork();

    public void Start() => world.Time.Schedule(TimeSpan.FromMilliseconds(_random.Next(1, PeriodMilliseconds)), Strike);

    private void Strike()
    {
        SimulatedPeer victim = swarm.Peers[_random.Next(swarm.Peers.Count)];
        TransportAddress tracker = swarm.Tracker.Address;
        TransportAddress forged = TransportAddress.FromIPv4(victim.Host.Site.PublicAddress, victim.Plan.Port);
        string name = victim.Plan.Shares.Count > 0 ? victim.Plan.Shares[0].Name : "file0.bin";
        switch (_random.Next(5))
        {
            case 0:
                Send(forged, tracker, $"REQUEST 5 {forged.ToIPAddress()} {forged.Port}");
                break;
            case 1:
                Send(Own, tracker, string.Create(CultureInfo.InvariantCulture, $"REQUEST 5 - peer={victim.Id} id={_random.Next(1000)}"));
                break;
            case 2:
                Send(Own, tracker, $"REQUEST 4 {name} 1 {forged.ToIPAddress()} {forged.Port} peer={victim.Id} id=1");
                break;
            default:
                byte[] noise = new byte[_random.Next(1, MaxNoiseBytes)];
                _random.NextBytes(noise);
                if (_random.Next(2) == 0) noise[0] = (byte)((_random.Next(5) << 4) | 1);
                world.Network.SendFrom(self.Host, forged, _random.Next(4) == 0 ? tracker : forged, noise);
                break;
        }

        Start();
    }

    private TransportAddress Own => self.Host.Address.WithPort(self.Plan.Port);

    private void Send(TransportAddress source, TransportAddress destination, string text) =>
        world.Network.SendFrom(self.Host, source, destination, Encoding.ASCII.GetBytes(text));
}
