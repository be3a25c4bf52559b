using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// All STUN of one socket: responses go to the transaction with their id, everything else is offered to the agents (ICE,
/// TURN, responder) in the order in which they were attached. Owned by one loop; not thread-safe.
/// </summary>
public sealed class StunMultiplexer : IDatagramMachine
{
    /// <summary>Most transactions that may be open at a time.</summary>
    public const int MaxTransactions = 1024;

    /// <summary>Most agents that may be attached at a time.</summary>
    public const int MaxAgents = 256;

    private readonly Dictionary<StunTransactionId, Entry> _open = [];
    private readonly Queue<StunTransaction> _due = new();
    private readonly List<Entry> _failed = [];
    private IStunAgent[] _agents = [];
    private MonotonicTime? _earliest;
    private bool _earliestIsStale;

    /// <inheritdoc/>
    public MonotonicTime? Deadline
    {
        get
        {
            if (_earliestIsStale) FindEarliest();
            MonotonicTime? deadline = _earliest;
            foreach (IStunAgent agent in _agents) deadline = MonotonicTime.Earlier(deadline, agent.Deadline);
            return deadline;
        }
    }

    /// <summary>How many transactions are open.</summary>
    public int OpenTransactions => _open.Count;

    /// <summary>Starts a transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="handler">Whom to tell of its end.</param>
    /// <param name="acceptAnySource">
    /// Whether a response may come from elsewhere than the request went to, as after CHANGE-REQUEST (RFC 5780 §7.2).
    /// </param>
    /// <returns>False when too many are open, or one with the same id.</returns>
    public bool TryStart(StunTransaction transaction, IStunTransactionHandler handler, bool acceptAnySource = false)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(handler);
        if (_open.Count == MaxTransactions) return false;
        if (!_open.TryAdd(transaction.Id, new Entry(transaction, handler, acceptAnySource))) return false;
        _due.Enqueue(transaction);
        _earliestIsStale = true;
        return true;
    }

    /// <summary>Ends a transaction without telling its handler; false when it is not open.</summary>
    public bool Cancel(StunTransactionId id)
    {
        _earliestIsStale = true;
        return _open.Remove(id);
    }

    /// <summary>How full its tables are; on the loop, or while it stands.</summary>
    internal IEnumerable<TableUse> Tables =>
    [
        new("STUN transactions", _open.Count, MaxTransactions), new("STUN agents", _agents.Length, MaxAgents),
        .. _agents.OfType<TurnClientMachine>().SelectMany(client => client.Tables),
    ];

    /// <summary>Adds an agent; false when there are too many.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="first">Whether it is asked before those that are there, as ICE must be before a responder that answers everybody.</param>
    /// <exception cref="InvalidOperationException">The agent is attached already.</exception>
    public bool TryAttach(IStunAgent agent, bool first = false)
    {
        ArgumentNullException.ThrowIfNull(agent);
        if (_agents.Contains(agent)) throw new InvalidOperationException("The agent is attached already.");
        if (_agents.Length == MaxAgents) return false;
        _agents = first ? [agent, .. _agents] : [.. _agents, agent];
        return true;
    }

    /// <summary>Takes an agent off; harmless when it is not attached.</summary>
    public void Detach(IStunAgent agent) => _agents = [.. _agents.Where(a => a != agent)];

    /// <summary>Fails every open transaction: the socket is gone.</summary>
    public void Abort(MonotonicTime now)
    {
        Entry[] entries = [.. _open.Values];
        _open.Clear();
        _due.Clear();
        _earliestIsStale = true;
        foreach (Entry entry in entries) entry.Handler.HandleFailure(now, entry.Transaction);
    }

    /// <inheritdoc/>
    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (!StunMessage.TryParse(datagram, out StunMessage message)) return;
        if (message.IsResponse && _open.TryGetValue(message.TransactionId, out Entry entry))
        {
            HandleResponse(now, source, message, entry);
            return;
        }

        foreach (IStunAgent agent in _agents)
        {
            if (agent.HandleMessage(now, source, message)) return;
        }
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        if (_earliestIsStale) FindEarliest();
        if (_earliest is { } due && due <= now) RunTransactionTimers(now);
        foreach (IStunAgent agent in _agents)
        {
            if (agent.Deadline is { } agentDue && agentDue <= now) agent.HandleTimeout(now);
        }
    }

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        while (_due.TryDequeue(out StunTransaction? transaction))
        {
            if (!_open.ContainsKey(transaction.Id)) continue;
            _earliestIsStale = true;
            if (transaction.PollTransmit(now, buffer, out transmit)) return true;
        }

        foreach (IStunAgent agent in _agents)
        {
            if (agent.PollTransmit(now, buffer, out transmit)) return true;
        }

        transmit = default;
        return false;
    }

    private void HandleResponse(MonotonicTime now, TransportAddress source, in StunMessage response, in Entry entry)
    {
        StunTransaction transaction = entry.Transaction;
        bool fromElsewhere = !entry.AcceptAnySource && source != transaction.Destination;
        if (fromElsewhere || response.Method != transaction.Method) return;
        if (entry.Handler.HandleResponse(now, source, response, transaction)) Cancel(transaction.Id);
    }

    private void RunTransactionTimers(MonotonicTime now)
    {
        _earliestIsStale = true;
        _failed.Clear();
        foreach (Entry entry in _open.Values)
        {
            StunTransaction transaction = entry.Transaction;
            bool wasDue = transaction.IsSendDue;
            transaction.HandleTimeout(now);
            if (transaction.HasFailed) _failed.Add(entry);
            else if (transaction.IsSendDue && !wasDue) _due.Enqueue(transaction);
        }

        foreach (Entry entry in _failed)
        {
            // A handler told before may have cancelled this one.
            if (_open.Remove(entry.Transaction.Id)) entry.Handler.HandleFailure(now, entry.Transaction);
        }

        _failed.Clear();
    }

    private void FindEarliest()
    {
        _earliest = null;
        foreach (Entry entry in _open.Values) _earliest = MonotonicTime.Earlier(_earliest, entry.Transaction.Deadline);
        _earliestIsStale = false;
    }

    private readonly record struct Entry(StunTransaction Transaction, IStunTransactionHandler Handler, bool AcceptAnySource);
}
