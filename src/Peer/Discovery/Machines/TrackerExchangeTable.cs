using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>The exchanges that are under way, each under a number that its reply echoes.</summary>
internal sealed class TrackerExchangeTable(int firstId)
{
    public const int MaxExchanges = 256;

    private readonly Dictionary<int, TrackerExchange> _exchanges = [];
    private int _lastId = firstId;

    public int Count => _exchanges.Count;

    public bool IsFull => _exchanges.Count >= MaxExchanges;

    public IReadOnlyCollection<TrackerExchange> All => _exchanges.Values;

    /// <summary>When one is next sent again, or given up; null when none is under way.</summary>
    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? earliest = null;
            foreach (TrackerExchange exchange in _exchanges.Values) earliest = MonotonicTime.Earlier(earliest, exchange.DueAt);
            return earliest;
        }
    }

    public void Add(MonotonicTime now, TrackerExchange exchange)
    {
        exchange.Id = ++_lastId;
        exchange.DueAt = now;
        _exchanges.Add(exchange.Id, exchange);
    }

    public void Remove(TrackerExchange exchange) => _exchanges.Remove(exchange.Id);

    /// <summary>Gives an exchange a new number, so that a late reply to what it asked before is not taken for one to what it asks now.</summary>
    public void Renumber(TrackerExchange exchange)
    {
        _exchanges.Remove(exchange.Id);
        exchange.Id = ++_lastId;
        _exchanges.Add(exchange.Id, exchange);
    }

    /// <summary>
    /// The exchange that a reply belongs to. A tracker without extensions echoes no number: its reply belongs to the request that stands in its form, if
    /// that is the only one.
    /// </summary>
    public TrackerExchange? Find(in TrackerReply reply)
    {
        if (!reply.Extensions.Id.IsEmpty)
        {
            return System.Buffers.Text.Utf8Parser.TryParse(reply.Extensions.Id, out int id, out int used) && used == reply.Extensions.Id.Length
                ? _exchanges.GetValueOrDefault(id)
                : null;
        }

        TrackerExchange? found = null;
        foreach (TrackerExchange exchange in _exchanges.Values)
        {
            if (!exchange.IsLiteral) continue;
            if (found is not null) return null;
            found = exchange;
        }

        return found;
    }

    /// <summary>Whether another exchange waits for a reply without a number; then this one is due when that is.</summary>
    public bool WaitsForItsTurn(TrackerExchange exchange)
    {
        foreach (TrackerExchange other in _exchanges.Values)
        {
            if (other == exchange || !other.IsLiteral || other.Sends == 0) continue;
            exchange.DueAt = other.DueAt;
            return true;
        }

        return false;
    }

    /// <summary>Has everything asked anew.</summary>
    public void RestartAll(MonotonicTime now)
    {
        foreach (TrackerExchange exchange in _exchanges.Values) exchange.Restart(now);
    }
}
