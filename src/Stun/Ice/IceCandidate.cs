using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>An address at which an agent may be reached (RFC 8445 §5.1).</summary>
/// <param name="Type">How it came to be.</param>
/// <param name="Address">The address.</param>
/// <param name="Priority">The larger, the better (RFC 8445 §5.1.2); see <see cref="Create"/>.</param>
/// <param name="Path">For a local candidate: by which of the shell's ways its datagrams go; see <see cref="IcePaths"/>.</param>
public readonly record struct IceCandidate(IceCandidateType Type, TransportAddress Address, uint Priority, int Path = IcePaths.SharedSocket)
{
    /// <summary>The preference of an interface that is as good as any.</summary>
    public const ushort MaxLocalPreference = ushort.MaxValue;

    private const int Component = 1;

    /// <summary>What candidates have in common that are expected to work or to fail alike (RFC 8445 §5.1.1.3): type and IP address.</summary>
    internal (IceCandidateType Type, UInt128 Address) Foundation => (Type, Address.AddressBits);

    /// <summary>Makes a candidate with the priority of its type.</summary>
    /// <param name="type">How it came to be.</param>
    /// <param name="address">The address.</param>
    /// <param name="path">By which way its datagrams go.</param>
    /// <param name="localPreference">The interface's rank among those of the same type; larger is better.</param>
    public static IceCandidate Create(
        IceCandidateType type, TransportAddress address, int path = IcePaths.SharedSocket, ushort localPreference = MaxLocalPreference) =>
        new(type, address, PriorityOf(type, localPreference), path);

    /// <summary>The priority of a candidate (RFC 8445 §5.1.2.1).</summary>
    internal static uint PriorityOf(IceCandidateType type, ushort localPreference) =>
        (TypePreference(type) << 24) | ((uint)localPreference << 8) | (256 - Component);

    // RFC 8445 §5.1.2.2 recommends 126, 110, 100 and 0. A mapped port is as good as a reflexive one, and does not time out.
    private static uint TypePreference(IceCandidateType type) => type switch
    {
        IceCandidateType.Host => 126,
        IceCandidateType.Mapped => 112,
        IceCandidateType.PeerReflexive => 110,
        IceCandidateType.ServerReflexive => 100,
        IceCandidateType.Predicted => 90,
        _ => 0,
    };
}
