using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>All that this peer wants to stand at the tracker, and what has to be sent next so that it does.</summary>
internal sealed class RegistrationBook
{
    /// <summary>Most shares of one peer.</summary>
    public const int MaxRegistrations = 10_000;

    /// <summary>Most registrations that wait for the tracker's answer.</summary>
    public const int MaxInFlight = 8;

    private readonly Dictionary<string, RegistrationState> _states = new(StringComparer.Ordinal);
    private int _inFlight;

    public int Count => _states.Count;

    public int InFlight => _inFlight;

    /// <summary>How many the tracker holds, as far as is known.</summary>
    public int RegisteredCount { get; private set; }

    /// <summary>When a registration is next due; null when all stand, or enough are under way.</summary>
    public MonotonicTime? Deadline
    {
        get
        {
            if (_inFlight >= MaxInFlight) return null;
            MonotonicTime? earliest = null;
            foreach (RegistrationState state in _states.Values)
            {
                if (state.HasWork && !state.IsInFlight) earliest = MonotonicTime.Earlier(earliest, state.NextSendAt);
            }

            return earliest;
        }
    }

    /// <summary>Adds or enlarges a registration; false when there are too many.</summary>
    public bool Announce(MonotonicTime now, Registration wanted)
    {
        if (_states.TryGetValue(wanted.Descriptor.Name, out RegistrationState? state))
        {
            state.Update(wanted);
        }
        else
        {
            if (_states.Count == MaxRegistrations) return false;
            _states.Add(wanted.Descriptor.Name, new RegistrationState(wanted, now));
        }

        Recount();
        return true;
    }

    /// <summary>Whether the tracker holds a share, as far as is known.</summary>
    public bool IsRegistered(string name) => _states.TryGetValue(name, out RegistrationState? state) && state.IsRegistered;

    /// <summary>Forgets a registration; true when the tracker may hold it.</summary>
    public bool Withdraw(string name)
    {
        bool removed = _states.Remove(name, out RegistrationState? state);
        Recount();
        return removed && (state!.IsRegistered || state.IsInFlight);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _states.Clear();
        Recount();
    }

    /// <summary>Has this registered anew, if it is to stand.</summary>
    public void Forget(MonotonicTime now, string name)
    {
        if (!_states.TryGetValue(name, out RegistrationState? state)) return;
        state.Forget(now);
        Recount();
    }

    /// <summary>Has everything registered anew.</summary>
    public void ForgetAll(MonotonicTime now)
    {
        foreach (RegistrationState state in _states.Values) state.Forget(now);
        Recount();
    }

    /// <summary>The next registration to send; null when none is due.</summary>
    public RegistrationState? TakeDue(MonotonicTime now)
    {
        if (_inFlight >= MaxInFlight) return null;
        foreach (RegistrationState state in _states.Values)
        {
            if (!state.HasWork || state.IsInFlight || state.NextSendAt > now) continue;
            state.IsInFlight = true;
            _inFlight++;
            return state;
        }

        return null;
    }

    /// <summary>A registration's exchange has ended.</summary>
    public void HandleEnd(MonotonicTime now, TrackerExchange exchange, TrackerExchangeStatus status)
    {
        RegistrationState state = exchange.Registration!;
        state.IsInFlight = false;
        _inFlight--;
        if (status == TrackerExchangeStatus.Answered)
        {
            bool wasFirst = !state.IsRegistered;
            state.Confirm(exchange.SentChunks, exchange.SentGeneration);
            state.NextSendAt = wasFirst || exchange.IsPartial ? now : now + TrackerClientTimings.BatchPeriod;
        }
        else
        {
            state.NextSendAt = now + TrackerClientTimings.RetryPeriod;
        }

        Recount();
    }

    private void Recount() => RegisteredCount = _states.Values.Count(state => state.IsRegistered);
}
