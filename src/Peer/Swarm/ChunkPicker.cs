using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Swarm;

/// <summary>
/// Chooses the next chunk: the first at random, then of a few random missing ones that which fewest peers have. So many downloaders that
/// start together do not all walk through a file in the same order.
/// </summary>
internal sealed class ChunkPicker
{
    private const int Candidates = 6;

    // Going on from a random place to the next wanted chunk favours those behind gaps; a few exact hits are tried first.
    private const int ExactTries = 4;
    private readonly ShareLayout _layout;
    private readonly Random _random;
    private readonly ushort[] _sources;
    private bool _anyPicked;
    private int _early = -1;   // taken before its hash was known

    /// <param name="layout">How the share is cut.</param>
    /// <param name="verified">The chunks that are there already.</param>
    /// <param name="random">The source of chance.</param>
    public ChunkPicker(ShareLayout layout, ChunkBitmap verified, Random random)
    {
        _layout = layout;
        _random = random;
        Verified = verified.Clone();
        Ready = new ChunkBitmap(layout.ChunkCount);
        Unknown = new ChunkBitmap(layout.ChunkCount);
        _sources = new ushort[layout.ChunkCount];
        for (int chunk = Verified.NextClear(0); chunk >= 0; chunk = Verified.NextClear(chunk + 1)) Unknown.Set(chunk);
    }

    /// <summary>Chunks that are verified.</summary>
    public ChunkBitmap Verified { get; }

    /// <summary>Missing chunks that nobody is asked for and whose hash is known.</summary>
    public ChunkBitmap Ready { get; }

    /// <summary>Missing chunks whose hash is not known, as far as the picker was told.</summary>
    public ChunkBitmap Unknown { get; }

    /// <summary>Whether every chunk is verified.</summary>
    public bool IsDone => Verified.IsFull;

    public void AddSource(int chunk)
    {
        if (_sources[chunk] < ushort.MaxValue) _sources[chunk]++;
    }

    public void RemoveSource(int chunk)
    {
        if (_sources[chunk] > 0) _sources[chunk]--;
    }

    /// <summary>Takes a ready chunk that a peer has; -1 when there is none.</summary>
    public int Take(ChunkBitmap have)
    {
        int best = -1;
        int tries = _anyPicked ? Candidates : 1;
        for (int i = 0; i < tries; i++)
        {
            int chunk = AnyOf(Ready, have);
            if (chunk < 0) return -1;
            if (best < 0 || _sources[chunk] < _sources[best]) best = chunk;
        }

        _anyPicked = true;
        Ready.Clear(best);
        return best;
    }

    /// <summary>Takes a random missing chunk whose hash is not known; -1 when there is none.</summary>
    public int TakeEarly()
    {
        int chunk = Unknown.Count == 0 ? -1 : Unknown.NextSet(_random.Next(Unknown.Length));
        if (chunk < 0) chunk = Unknown.NextSet(0);
        if (chunk < 0) return -1;
        _anyPicked = true;
        _early = chunk;
        Unknown.Clear(chunk);
        return chunk;
    }

    /// <summary>A missing chunk of unknown hash that a peer has; -1 when there is none.</summary>
    public int PeekUnknown(ChunkBitmap have) => AnyOf(Unknown, have);

    /// <summary>Makes the missing chunks of a hash group ready: their hashes are known now.</summary>
    public void Reveal(int group)
    {
        ChunkRange range = _layout.LocateGroup(group).Chunks;
        if (_early >= range.First && _early < range.End) _early = -1;
        for (int chunk = Unknown.NextSet(range.First); chunk >= 0 && chunk < range.End; chunk = Unknown.NextSet(chunk + 1))
        {
            Unknown.Clear(chunk);
            Ready.Set(chunk);
        }
    }

    /// <summary>Gives back a chunk that was taken and did not come.</summary>
    public void GiveBack(int chunk)
    {
        if (Verified.IsSet(chunk)) return;
        if (chunk == _early)
        {
            _early = -1;
            Unknown.Set(chunk);
            return;
        }

        Ready.Set(chunk);
    }

    /// <summary>Notes a chunk as verified.</summary>
    public void Verify(int chunk)
    {
        Verified.Set(chunk);
        Ready.Clear(chunk);
        Unknown.Clear(chunk);
    }

    private int AnyOf(ChunkBitmap wanted, ChunkBitmap have)
    {
        if (wanted.Count == 0) return -1;
        for (int i = 0; i < ExactTries; i++)
        {
            int any = _random.Next(wanted.Length);
            if (wanted.IsSet(any) && have.IsSet(any)) return any;
        }

        int chunk = wanted.NextSetInBoth(have, _random.Next(wanted.Length));
        return chunk >= 0 ? chunk : wanted.NextSetInBoth(have, 0);
    }
}
