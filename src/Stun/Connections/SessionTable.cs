using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Connections;

/// <summary>All sessions, by whatever a datagram may name them. Owned by the loop.</summary>
internal sealed class SessionTable
{
    // 100::/64, which is routed nowhere (RFC 6666): its low half counts the connections.
    private const ulong LastingPrefix = 0x0100_0000_0000_0000;
    private const ushort LastingPort = 1;

    private readonly Dictionary<PeerId, IceSession> _byPeer = [];
    private readonly Dictionary<string, IceSession> _byFragment = [];
    private readonly Dictionary<TransportAddress, IceSession> _byLasting = [];
    private readonly Dictionary<(int Path, TransportAddress Source), IceSession> _byPath = [];
    private readonly List<IcePath> _scratch = [];
    private ulong _count;

    public int Count => _byPeer.Count;

    /// <summary>Credentials by which checks find their session: one for each that has an agent.</summary>
    public int FragmentCount => _byFragment.Count;

    public IEnumerable<IceSession> All => _byPeer.Values;

    public static bool IsLasting(TransportAddress address) => (ulong)(address.AddressBits >> 64) == LastingPrefix;

    public TransportAddress NextLasting() => TransportAddress.FromBits(new UInt128(LastingPrefix, ++_count), LastingPort);

    public int CountUnproven() => _byPeer.Values.Count(s => !s.IsAsked && !s.HasBeenConnected);

    public void Add(IceSession session)
    {
        _byPeer.Add(session.Remote, session);
        _byLasting.Add(session.Connection.Address, session);
    }

    public void AddFragment(IceSession session) => _byFragment[session.Agent!.Credentials.Fragment] = session;

    /// <summary>Learns from which addresses the peer sends.</summary>
    public void UpdatePaths(IceSession session)
    {
        _scratch.Clear();
        session.Agent!.CopyProvenPaths(_scratch);
        foreach (IcePath path in _scratch) _byPath[(path.Path, path.Remote)] = session;
    }

    public void Remove(IceSession session)
    {
        _byPeer.Remove(session.Remote);
        _byLasting.Remove(session.Connection.Address);
        RemoveWhere(_byFragment, session);
        RemoveWhere(_byPath, session);
    }

    public IceSession? Find(PeerId peer) => _byPeer.GetValueOrDefault(peer);

    public IceSession? FindLasting(TransportAddress address) => _byLasting.GetValueOrDefault(address);

    public IceSession? FindPath(int path, TransportAddress source) => _byPath.Count == 0 ? null : _byPath.GetValueOrDefault((path, source));

    public IceSession? FindFragment(ReadOnlySpan<byte> fragment)
    {
        if (fragment.Length > IceCredentials.MaxFragmentLength || !Ascii.IsValid(fragment)) return null;
        Span<char> text = stackalloc char[IceCredentials.MaxFragmentLength];
        int length = Encoding.ASCII.GetChars(fragment, text);
        return _byFragment.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out IceSession? session) ? session : null;
    }

    private static void RemoveWhere<TKey>(Dictionary<TKey, IceSession> table, IceSession session)
        where TKey : notnull
    {
        foreach (TKey key in table.Where(e => e.Value == session).Select(e => e.Key).ToArray()) table.Remove(key);
    }
}
