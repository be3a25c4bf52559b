using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>
/// Tells from what servers see whether the NAT keeps the mappings towards them: the same server, the same public address, another port means that the mapping
/// was forgotten. Another public address means a move, and tells nothing. Pure; not thread-safe.
/// </summary>
internal sealed class MappingWitness
{
    private readonly Dictionary<string, (TimeSpan AskedAt, TransportAddress? Seen)> _flows = [];   // one for each server that was ever asked
    private TimeSpan? _longestKept;
    private TimeSpan? _shortestLost;

    /// <summary>Takes what a server saw.</summary>
    /// <param name="server">Which one.</param>
    /// <param name="askedAt">When it was asked, on any clock.</param>
    /// <param name="seen">Our address as the server saw it; null when it did not answer. Being asked uses the mapping all the same.</param>
    public void Handle(string server, TimeSpan askedAt, TransportAddress? seen)
    {
        (TimeSpan AskedAt, TransportAddress? Seen) before = _flows.GetValueOrDefault(server);
        _flows[server] = (askedAt, seen ?? before.Seen);
        if (seen is not { } now || before.Seen is not { } then || now.AddressBits != then.AddressBits) return;
        TimeSpan idle = askedAt - before.AskedAt;
        if (now == then) _longestKept = _longestKept > idle ? _longestKept : idle;
        else _shortestLost = _shortestLost < idle ? _shortestLost : idle;
    }

    /// <summary>Ends a round; false when it told nothing. A mapping that was lost counts more than any that were kept.</summary>
    public bool TryEndRound(out TimeSpan idle, out bool isKept)
    {
        isKept = _shortestLost is null;
        TimeSpan? told = _shortestLost ?? _longestKept;
        (_shortestLost, _longestKept) = (null, null);
        idle = told.GetValueOrDefault();
        return told is not null;
    }
}
