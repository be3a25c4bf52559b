using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// How registrants end: a few steps at a time, one registrant with very many entries too, since requests wait meanwhile. Until its slice comes, what has ended
/// may still be named.
/// </summary>
internal sealed partial class TrackerRegistry
{
    /// <summary>How many registrants and entries go in one slice: well under a millisecond's work, also when none of it is in the processor's cache.</summary>
    public const int MaxEndedAtOnce = 128;

    /// <summary>The most in one slice when many leases have been over for long, so that memory is not held for ever by a tracker under load.</summary>
    public const int MostEndedAtOnce = 1_024;

    private const double SecondsOfLagPerSlice = 30;   // after so many seconds of lag, another MaxEndedAtOnce steps a slice

    private bool _hasMoreEnded;

    /// <summary>When <see cref="HandleTimeout"/> is next due.</summary>
    public MonotonicTime? Deadline => _hasMoreEnded ? _now : _leases.Deadline;

    /// <summary>Ends leases that are over, a slice of them; when more are left, <see cref="Deadline"/> is now.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="maxSteps">How many registrants and entries may go; null for as many as a slice has.</param>
    public void HandleTimeout(MonotonicTime now, int? maxSteps = null)
    {
        _now = now;
        _hasMoreEnded = false;
        if (!_leases.TryFindEnded(now, out Registrant? ended)) return;
        int left = maxSteps ?? SliceAfter(_leases.LagAt(now));
        do
        {
            left -= ended!.Origin is not null && now < RemotesHeldUntil ? Hold(ended) : EndSome(ended, left);
            _hasMoreEnded = _leases.TryFindEnded(now, out ended);
        }
        while (_hasMoreEnded && left > 0);
    }

    /// <summary>Removes a registrant and its entries, as it asked: at once, or soon when it has very many.</summary>
    public void Remove(Registrant registrant)
    {
        ArgumentNullException.ThrowIfNull(registrant);
        if (registrant.Origin is not null) Adopt(registrant);
        registrant.IsLeaving = true;
        _leases.End(registrant);
        EndSome(registrant, MaxEndedAtOnce);
        _hasMoreEnded |= registrant.LeaseTick >= 0;
    }

    private static int SliceAfter(TimeSpan lag) => (int)Math.Min(MostEndedAtOnce, MaxEndedAtOnce * (1 + (lag.TotalSeconds / SecondsOfLagPerSlice)));

    private int Hold(Registrant registrant)
    {
        _leases.Set(_now, registrant, HoldStep);
        return 1;
    }

    // As many entries as there are steps, and the registrant itself when it then has none; the steps taken.
    private int EndSome(Registrant registrant, int maxSteps)
    {
        int steps = Math.Min(registrant.EntryCount, maxSteps);
        if (registrant.EntryCount <= maxSteps) End(registrant, registrant.IsLeaving ? _now : registrant.ClaimedAt);
        else RemoveEntries(registrant, steps);
        return steps + 1;
    }

    // The claim decides which of several trackers is believed: one that ends by itself says no more than that it had come then.
    private void End(Registrant registrant, MonotonicTime claim)
    {
        if (registrant.IsLeaving) Journal?.Leave(registrant.Key);
        if (registrant.Origin is not null) RemoteRegistrantCount--;
        else if (registrant.IsTold) Changes?.Mark(registrant.Key, claim);
        else Changes?.Forget(registrant.Key);
        RemoveEntries(registrant, int.MaxValue);
        _leases.Cancel(registrant);
        RemoveFromOrder(registrant);
        _registrants.Remove(HashOf(registrant.Key), registrant.Id);
        _accounts.Change(registrant.Key.Source, -1, 0, 0);
        if (registrant.IsFoundByPeerId) _byPeerId.Remove(HashOf(registrant.Key.Peer), registrant.Id);
        _store.Registrants.Remove(registrant.Id);
    }

    private void RemoveEntries(Registrant registrant, int count)
    {
        for (int i = 0; i < count && registrant.FirstEntry >= 0; i++) RemoveEntry(new SwarmEntry(_store, registrant.FirstEntry));
    }

    // It left and came again before all its entries had gone.
    private void Stay(Registrant registrant)
    {
        registrant.IsLeaving = false;
        Journal?.Touch(registrant);
        TouchFiles(registrant);
    }
}
