using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>Why the peers of one download could not be used; for each, the last reason that tells something. Thread-safe.</summary>
/// <param name="report">Told of each peer's reason when it is new.</param>
internal sealed class FailedPeers(Action<ConnectFailure> report)
{
    /// <summary>Most peers kept.</summary>
    public const int MaxPeers = 500;

    /// <summary>Most peers that a message names.</summary>
    public const int MaxNamed = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<(PeerId?, TransportAddress), ConnectFailure> _failures = [];

    /// <summary>Notes a failure, unless more is known of that peer.</summary>
    public void Add(ConnectFailure failure)
    {
        (PeerId?, TransportAddress) key = failure.Peer is { } id ? (id, default) : (null, failure.Address ?? default);
        lock (_gate)
        {
            if (_failures.TryGetValue(key, out ConnectFailure? known))
            {
                if (known.Reason == failure.Reason || (Tells(known.Reason) && !Tells(failure.Reason))) return;
            }
            else if (_failures.Count == MaxPeers)
            {
                return;
            }

            _failures[key] = failure;
        }

        report(failure);
    }

    /// <summary>A peer was reached after all. What it refused then is not forgotten.</summary>
    public void Forget(PeerId peer)
    {
        lock (_gate)
        {
            if (_failures.TryGetValue((peer, default), out ConnectFailure? known) && known.Reason is not (ConnectFailureReason.Refused or ConnectFailureReason.Lost))
                _failures.Remove((peer, default));
        }
    }

    /// <summary>The end of a download for which no peer was of use.</summary>
    public P2PException ToException(P2PErrorReason reason, string message, Exception? innerException = null)
    {
        ConnectFailure[] failures;
        int more;
        lock (_gate)
        {
            failures = [.. _failures.Values.OrderByDescending(failure => Tells(failure.Reason)).Take(P2PException.MaxFailedPeers)];
            more = _failures.Count - Math.Min(failures.Length, MaxNamed);
        }

        string words = string.Join("; ", failures.Take(MaxNamed));
        if (words.Length > 0) message += more > 0 ? $" {words}; and {more} more." : $" {words}.";
        return new P2PException(reason, message, innerException) { FailedPeers = failures };
    }

    // That one of a peer's addresses does not answer says little, since there are other ways to it.
    private static bool Tells(ConnectFailureReason reason) => reason is not (
        ConnectFailureReason.Unreachable or ConnectFailureReason.TimedOut or ConnectFailureReason.HandshakeFailed
        or ConnectFailureReason.TooManyConnections or ConnectFailureReason.Other);
}
