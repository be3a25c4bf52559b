using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Where what a <see cref="TurnServerMachine"/> wrote must go.</summary>
public enum TurnOutputKind
{
    /// <summary>Nowhere: nothing was written.</summary>
    None = 0,

    /// <summary>To a client.</summary>
    ToClient,

    /// <summary>To a peer, from the relayed address of an allocation.</summary>
    ToPeer,
}

/// <summary>The one message that an input of a <see cref="TurnServerMachine"/> brings about, at most.</summary>
/// <param name="Kind">Where it goes.</param>
/// <param name="Client">The client, for <see cref="TurnOutputKind.ToClient"/>.</param>
/// <param name="AllocationId">The allocation, for <see cref="TurnOutputKind.ToPeer"/>.</param>
/// <param name="Peer">The peer, for <see cref="TurnOutputKind.ToPeer"/>.</param>
/// <param name="Bytes">How much was written.</param>
public readonly record struct TurnOutput(TurnOutputKind Kind, TurnClientKey Client, int AllocationId, TransportAddress Peer, int Bytes)
{
    internal static TurnOutput ToClient(TurnClientKey client, int bytes) => new(TurnOutputKind.ToClient, client, 0, default, bytes);

    internal static TurnOutput ToPeer(int allocationId, TransportAddress peer, int bytes) =>
        new(TurnOutputKind.ToPeer, default, allocationId, peer, bytes);
}
