using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>A way to the peer.</summary>
/// <param name="Path">By which of the shell's ways; see <see cref="IcePaths"/>.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="RemoteType">What kind of address that is.</param>
public readonly record struct IcePath(int Path, TransportAddress Remote, IceCandidateType RemoteType)
{
    /// <summary>Whether datagrams go by way of a relay, of this side or the other.</summary>
    public bool IsRelayed => IcePaths.IsRelay(Path) || RemoteType == IceCandidateType.Relayed;
}
