namespace CS3103P2P.Stun.Ice;

/// <summary>
/// What one agent tells the other by way of the tracker: how to sign checks, where to send them, what stands in front of it. Who sends it is proven only by
/// the connection that follows. Bytes: <see cref="IceOfferCodec"/>.
/// </summary>
public sealed record IceOffer
{
    /// <summary>Names the sender's agent; another number from the same peer means that it has forgotten the former one.</summary>
    public required ulong Session { get; init; }

    /// <summary>The receiver's session as the sender knows it; 0 when it has had no offer yet.</summary>
    public ulong EchoedSession { get; init; }

    /// <summary>Counts the sender's changes, modulo 256, so that an older offer that comes late is known for one.</summary>
    public byte Sequence { get; init; }

    /// <summary>The sequence of the receiver's offer that the sender has last seen.</summary>
    public byte EchoedSequence { get; init; }

    /// <summary>The sender's role.</summary>
    public required IceRole Role { get; init; }

    /// <summary>The sender's tie-breaker.</summary>
    public required ulong TieBreaker { get; init; }

    /// <summary>The sender's credentials.</summary>
    public required IceCredentials Credentials { get; init; }

    /// <summary>The NAT in front of the sender.</summary>
    public IceNat Nat { get; init; }

    /// <summary>The sender's candidates, at most <see cref="IceOfferCodec.MaxCandidates"/>.</summary>
    public required IReadOnlyList<IceCandidate> Candidates { get; init; }
}
