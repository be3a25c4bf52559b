using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// Makes users of the tracker's relay for peers that have proven their address. They end by themselves, and the relay need not be told of them:
/// see <see cref="TurnCredentials.CreateEphemeral"/>.
/// </summary>
/// <param name="relay">Where peers reach the relay.</param>
/// <param name="secret">What tracker and relay share.</param>
/// <param name="unixSecondsAtZero">Seconds since 1970 at which the tracker's clock stood at zero.</param>
internal sealed class RelayDesk(TransportAddress relay, string secret, long unixSecondsAtZero)
{
    /// <summary>How long a user exists. A relay checks at each refresh, so peers ask again well before.</summary>
    public const int LifeSeconds = 3_600;

    private const int UserLength = 16;   // characters of the peer's id, by which the relay counts a peer's allocations
    private const long MicrosPerSecond = 1_000_000;

    /// <summary>Writes where the relay is, and a user for one peer.</summary>
    public void Write(ref TrackerTextWriter reply, MonotonicTime now, PeerId peer)
    {
        TurnCredentials user = TurnCredentials.CreateEphemeral(
            secret, peer.ToString()[..UserLength], unixSecondsAtZero + (now.Micros / MicrosPerSecond) + LifeSeconds);
        reply.Extension("relay"u8, relay);
        reply.Extension("relayuser"u8, Encoding.ASCII.GetBytes(user.Username));
        reply.Extension("relaypass"u8, Encoding.ASCII.GetBytes(user.Password));
        reply.Extension("relaylife"u8, LifeSeconds);
    }
}
