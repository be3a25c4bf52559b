namespace CS3103P2P.Simulation;

/// <summary>Knows the two ends of each stream, so that what one says can be held against what the other knows.</summary>
internal sealed class PipePairs
{
    private readonly Dictionary<ulong, UtpEnd> _open = [];
    private readonly List<(UtpEnd One, UtpEnd Other)> _pairs = [];
    private ulong _last;

    /// <summary>Adds the end that opens a connection.</summary>
    public ulong Add(UtpEnd pipe)
    {
        _open.Add(++_last, pipe);
        return _last;
    }

    /// <summary>Adds the end that accepts it.</summary>
    public void Join(ulong number, UtpEnd pipe)
    {
        if (_open.Remove(number, out UtpEnd? other)) _pairs.Add((other, pipe));
    }

    /// <summary>An end at which more was acknowledged than has arrived at the other; null when there is none.</summary>
    public UtpEnd? FindFalseAcknowledgement()
    {
        _pairs.RemoveAll(pair => !pair.One.IsTaking || !pair.Other.IsTaking);
        foreach ((UtpEnd one, UtpEnd other) in _pairs)
        {
            if (one.AcknowledgedBytes > other.ArrivedBytes) return one;
            if (other.AcknowledgedBytes > one.ArrivedBytes) return other;
        }

        return null;
    }
}
