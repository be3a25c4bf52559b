using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>All that peers may fetch from us, by name. Thread-safe.</summary>
internal sealed class ShareTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServedShare> _byName = new(StringComparer.Ordinal);

    /// <summary>Adds a share; false when its name is taken.</summary>
    public bool TryAdd(ServedShare share)
    {
        lock (_gate) return _byName.TryAdd(share.TrackerName, share);
    }

    public void Remove(ServedShare share)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(share.TrackerName, out ServedShare? present) && present == share) _byName.Remove(share.TrackerName);
        }
    }

    public ServedShare? Find(string name)
    {
        lock (_gate) return _byName.GetValueOrDefault(name);
    }

    /// <summary>The share that a peer wants to open: by name, checked against the root where one is given, or by root alone.</summary>
    public ServedShare? Find(string name, Sha256Digest? root)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out ServedShare? share)) return root is null || share.Content.Descriptor.Root == root ? share : null;
            return name.Length > 0 || root is null ? null : _byName.Values.FirstOrDefault(other => other.Content.Descriptor.Root == root);
        }
    }
}
