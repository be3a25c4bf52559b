namespace CS3103P2P.Stun;

/// <summary>When a request over UDP is sent again and when it is given up (RFC 8489 §6.2.1).</summary>
/// <param name="InitialRto">The wait after the first send; each further wait is twice the one before.</param>
/// <param name="MaxSends">Sends in all (Rc), 1 to 16.</param>
/// <param name="LastWaitInRtos">The wait after the last send, in initial RTOs (Rm).</param>
public sealed record StunRetransmission(TimeSpan InitialRto, int MaxSends, int LastWaitInRtos)
{
    private const int MostSends = 16;

    /// <summary>The RFC's: RTO 500 ms, Rc 7, Rm 16. Sends at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s; fails at 39.5 s.</summary>
    public static StunRetransmission Default { get; } = new(TimeSpan.FromMilliseconds(500), 7, 16);

    /// <summary>For questions whose answer soon loses its worth: sends at 0, 0.3, 0.9 and 2.1 s; fails at 3.3 s.</summary>
    public static StunRetransmission Brief { get; } = new(TimeSpan.FromMilliseconds(300), 4, 4);

    /// <summary>Sends in all (Rc).</summary>
    public int MaxSends { get; } = MaxSends is >= 1 and <= MostSends ? MaxSends : throw new ArgumentOutOfRangeException(nameof(MaxSends));

    /// <summary>How long to wait after a send before the next one, or before giving up.</summary>
    /// <param name="sends">Sends so far, from 1.</param>
    public TimeSpan WaitAfter(int sends) => InitialRto * (sends == MaxSends ? LastWaitInRtos : 1L << (sends - 1));
}
