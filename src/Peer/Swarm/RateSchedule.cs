using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Swarm;

/// <summary>
/// Says when bytes may be moved so that their sum holds to a rate. Whoever comes first goes first; peers that each ask for the next slice only
/// when the last one is through so get equal parts. Owned by one caller; not thread-safe.
/// </summary>
/// <param name="bitsPerSecond">The rate.</param>
internal sealed class RateSchedule(long bitsPerSecond)
{
    // A timer that fires late must not cost rate, so a little of what was missed is made up for, but only while there is no pause.
    internal static readonly TimeSpan CatchUp = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private const double SliceSeconds = 0.02;
    private const int MinSliceBytes = 4 * 1024;
    private const int MaxSliceBytes = 256 * 1024;
    private readonly double _microsPerByte = 8e6 / bitsPerSecond;

    // When all that was admitted so far will have gone out at the rate, in microseconds; a fraction, because slices at high rates take few of them.
    private double _through;
    private MonotonicTime? _lastUse;

    /// <summary>How much to ask for at once: about 20 ms' worth, so that none waits long for another.</summary>
    public int SliceBytes { get; } = (int)Math.Clamp(bitsPerSecond / 8 * SliceSeconds, MinSliceBytes, MaxSliceBytes);

    /// <summary>Admits bytes.</summary>
    /// <returns>When they may be moved.</returns>
    public MonotonicTime Reserve(MonotonicTime now, int bytes)
    {
        bool isGoingOn = _lastUse is { } last && now - last < Pause;
        double earliest = (now - (isGoingOn ? CatchUp : TimeSpan.Zero)).Micros;
        if (_through < earliest || _lastUse is null) _through = earliest;
        MonotonicTime start = new((long)_through);
        _through += bytes * _microsPerByte;

        // One that waits for its turn uses the rate until then.
        _lastUse = start > now ? start : now;
        return start;
    }
}
