using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>Another peer's entry: what is known of it, and what is still to be asked.</summary>
internal sealed class MdnsInstance(DnsName name, MonotonicTime now)
{
    private const int MaxResolves = 4;
    private static readonly TimeSpan FirstResolve = TimeSpan.FromMilliseconds(100); // usually all of it comes in one message

    private int _resolves;

    public DnsName Name => name;

    public MdnsCached? Pointer { get; set; }

    public MdnsCached? Service { get; set; }

    public MdnsCached? Text { get; set; }

    public DnsName Host { get; set; }

    public ushort Port { get; set; }

    public PeerId Id { get; set; }

    public int Version { get; set; }

    /// <summary>What the embedder was told last; null when it does not know of this peer.</summary>
    public LanPeer? Published { get; set; }

    /// <summary>Whether something other than a lifetime has changed since it was last looked at.</summary>
    public bool IsChanged { get; set; } = true;

    /// <summary>When to ask for what is missing; null when nothing is or it was asked often enough.</summary>
    public MonotonicTime? ResolveAt { get; private set; } = now + FirstResolve;

    /// <summary>The missing records were asked for.</summary>
    public void HandleResolved(MonotonicTime now) => ResolveAt = ++_resolves < MaxResolves ? now + TimeSpan.FromSeconds(1 << (_resolves - 1)) : null;

    /// <summary>Nothing is missing.</summary>
    public void HandleComplete()
    {
        _resolves = 0;
        ResolveAt = null;
    }

    /// <summary>Something has expired although the peer is still listed.</summary>
    public void HandleIncomplete(MonotonicTime now)
    {
        if (ResolveAt is null && _resolves == 0) ResolveAt = now;
    }

    public void Expire(MonotonicTime now)
    {
        if (Pointer?.ExpiresAt <= now) (Pointer, IsChanged) = (null, true);
        if (Service?.ExpiresAt <= now) (Service, IsChanged) = (null, true);
        if (Text?.ExpiresAt <= now) (Text, IsChanged) = (null, true);
    }
}
