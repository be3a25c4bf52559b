using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>
/// A candidate pair: one way of this side, one address of the peer. The last few transactions are remembered, so that an answer may come late.
/// </summary>
internal sealed class IcePair(int path, IceCandidate remote, ulong priority)
{
    /// <summary>How many transactions may be answered late: at the pace of checks of a silent pair, its own and those that the peer's set off, those of four seconds.</summary>
    public const int MaxOpenTransactions = 32;

    private const int FirstOpenTransactions = 4;   // enough as long as answers come

    private Sent[] _sent = new Sent[FirstOpenTransactions];

    public int Path { get; } = path;

    public IceCandidate Remote { get; set; } = remote;

    public ulong Priority { get; set; } = priority;

    public IcePairState State { get; set; }

    /// <summary>Checks sent since the last answer, or since the pair came out of Waiting.</summary>
    public int Sends { get; set; }

    /// <summary>When the next check, or keep-alive, is due; null while it waits for its turn or has failed.</summary>
    public MonotonicTime? NextSendAt { get; set; }

    public MonotonicTime LastSentAt { get; private set; }

    /// <summary>When the peer last answered a check of this pair.</summary>
    public MonotonicTime LastAnswerAt { get; set; }

    public TimeSpan RoundTrip { get; set; }

    /// <summary>This side's address as the peer sees it on this pair.</summary>
    public TransportAddress Mapped { get; set; }

    /// <summary>Whether a check is to be sent now.</summary>
    public bool IsSendDue { get; set; }

    /// <summary>Whether the peer has proven, by a signed check or answer, that it sends from here.</summary>
    public bool IsProven { get; set; }

    /// <summary>Whether it works, but better ones do too and enough are kept in reserve.</summary>
    public bool IsSuperseded { get; set; }

    public bool IsRelayed => IcePaths.IsRelay(Path) || Remote.Type == IceCandidateType.Relayed;

    public bool IsValid => State == IcePairState.Succeeded;

    /// <summary>Notes a datagram to be sent; a repeated check keeps its transaction (RFC 8489 §6.2.1), a keep-alive is a new one.</summary>
    public StunTransactionId NextTransaction(MonotonicTime now, Func<StunTransactionId> newId, bool asControlling)
    {
        bool isRepeated = State == IcePairState.InProgress && Sends > 1 && _sent[0].IsOpen && _sent[0].AsControlling == asControlling;
        StunTransactionId id = isRepeated ? _sent[0].Id : newId();
        if (!isRepeated)
        {
            if (_sent[^1].IsOpen && _sent.Length < MaxOpenTransactions) Array.Resize(ref _sent, MaxOpenTransactions);
            Array.Copy(_sent, 0, _sent, 1, _sent.Length - 1);
        }

        _sent[0] = new Sent(id, now, asControlling, IsOpen: true);
        LastSentAt = now;
        return id;
    }

    /// <summary>Finds and forgets the transaction that an answer belongs to.</summary>
    public bool TryTake(StunTransactionId id, out Sent sent)
    {
        for (int i = 0; i < _sent.Length; i++)
        {
            ref Sent open = ref _sent[i];
            if (open.Id != id || !open.IsOpen) continue;
            sent = open;
            open = default;
            return true;
        }

        sent = default;
        return false;
    }

    internal readonly record struct Sent(StunTransactionId Id, MonotonicTime At, bool AsControlling, bool IsOpen);
}
