using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>What is to stand at the tracker for one share, and what is known to stand there.</summary>
internal sealed class RegistrationState
{
    private readonly ChunkSet _pending = new();
    private readonly ChunkSet _added = new();   // kept for its memory

    public RegistrationState(Registration wanted, MonotonicTime now)
    {
        Descriptor = wanted.Descriptor;
        Unlisted = wanted.Unlisted;
        Chunks = wanted.Chunks.Clone();
        _pending.UnionWith(Chunks);
        NextSendAt = now;
    }

    public ShareDescriptor Descriptor { get; private set; }

    public bool Unlisted { get; private set; }

    /// <summary>All chunks that are served.</summary>
    public ChunkSet Chunks { get; }

    /// <summary>Whether the tracker holds an entry, as far as is known.</summary>
    public bool IsRegistered { get; private set; }

    /// <summary>Whether a request is under way.</summary>
    public bool IsInFlight { get; set; }

    /// <summary>Counts how often all became void: a confirmation of an earlier request says nothing then.</summary>
    public int Generation { get; private set; }

    /// <summary>Counts how often there was more to tell than before.</summary>
    public int Revision { get; private set; }

    /// <summary>When the next request may go out.</summary>
    public MonotonicTime NextSendAt { get; set; }

    /// <summary>The chunks that the tracker does not know yet.</summary>
    public ChunkSet Pending => _pending;

    public bool HasWork => !IsRegistered || !_pending.IsEmpty;

    /// <summary>Takes a larger set of chunks, or another content.</summary>
    public void Update(Registration wanted)
    {
        bool isSame = Descriptor.Equals(wanted.Descriptor) && Unlisted == wanted.Unlisted;
        Descriptor = wanted.Descriptor;
        Unlisted = wanted.Unlisted;
        _added.Clear();
        _added.UnionWith(wanted.Chunks);
        if (isSame && IsRegistered) _added.ExceptWith(Chunks);
        else IsRegistered = false;
        if (!isSame) Generation++;
        if (!isSame || !_added.IsEmpty) Revision++;
        Chunks.Clear();
        Chunks.UnionWith(wanted.Chunks);
        _pending.UnionWith(_added);
    }

    /// <summary>The tracker confirmed these chunks.</summary>
    public void Confirm(ChunkSet sent, int generation)
    {
        if (generation != Generation) return;
        IsRegistered = true;
        _pending.ExceptWith(sent);
    }

    /// <summary>The tracker lost the entry, or must be told of another address.</summary>
    public void Forget(MonotonicTime now)
    {
        IsRegistered = false;
        Generation++;
        Revision++;
        _pending.UnionWith(Chunks);
        NextSendAt = now;
    }
}
