using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>
/// Reads what a <see cref="SnapshotWriter"/> wrote into one block: registrants, each with its entries. It throws nothing, and allocates only to remember
/// where contents stand.
/// <code>
/// var reader = new SnapshotReader(payload, contents);
/// while (reader.TryReadRegistrant(out SnapshotRegistrant registrant)) while (reader.TryReadEntry(out SnapshotEntry entry)) ...
/// if (!reader.IsAtEnd) // malformed
/// </code>
/// </summary>
internal ref struct SnapshotReader
{
    private readonly ReadOnlySpan<byte> _payload;
    private readonly List<SnapshotContent> _contents;
    private int _at;
    private bool _isInRegistrant;
    private bool _isBad;

    /// <param name="payload">The block's payload.</param>
    /// <param name="contents">Room to remember contents; what is in it is forgotten.</param>
    public SnapshotReader(ReadOnlySpan<byte> payload, List<SnapshotContent> contents)
    {
        _payload = payload;
        _contents = contents;
        contents.Clear();
        _isBad = payload.IsEmpty || payload[0] != SnapshotFormat.RegistrantsKind;
        _at = 1;
    }

    /// <summary>Whether all was read, and made sense.</summary>
    public readonly bool IsAtEnd => !_isBad && !_isInRegistrant && _at == _payload.Length;

    /// <summary>Reads the last block.</summary>
    public static bool TryReadEnd(ReadOnlySpan<byte> payload, out long registrants, out long entries)
    {
        bool isEnd = payload.Length == SnapshotFormat.EndPayloadBytes && payload[0] == SnapshotFormat.EndKind;
        registrants = isEnd ? BinaryPrimitives.ReadInt64LittleEndian(payload[1..]) : 0;
        entries = isEnd ? BinaryPrimitives.ReadInt64LittleEndian(payload[9..]) : 0;
        return isEnd;
    }

    /// <summary>Reads the next registrant; false at the end, or where it makes no sense.</summary>
    public bool TryReadRegistrant(out SnapshotRegistrant registrant)
    {
        registrant = default;
        if (_isBad || _isInRegistrant || _at == _payload.Length) return false;
        if (!TryRegistrant(out registrant)) return Fail();
        _isInRegistrant = true;
        return true;
    }

    /// <summary>Reads the registrant's next entry; false when there is none, or where it makes no sense.</summary>
    public bool TryReadEntry(out SnapshotEntry entry)
    {
        entry = default;
        if (_isBad || !_isInRegistrant) return false;
        if (!TryNumber(out ulong content)) return Fail();
        if (content == 0)
        {
            _isInRegistrant = false;
            return false;
        }

        if (content == 1)
        {
            if (!TryContent(out SnapshotContent added)) return Fail();
            _contents.Add(added);
            content = (ulong)_contents.Count + 1;
        }

        if (content - 2 >= (ulong)_contents.Count) return Fail();
        SnapshotContent told = _contents[(int)(content - 2)];
        if (!TryByte(out byte isListed) || isListed > 1 || !TryNumber(out ulong runs)) return Fail();
        int start = _at;
        if (!TryPassRuns(runs, told)) return Fail();
        entry = new SnapshotEntry
        {
            Name = _payload.Slice(told.NameStart, told.NameLength),
            Content = told.Content,
            IsListed = isListed == 1,
            Runs = new SnapshotRuns(_payload[start.._at]),
        };
        return true;
    }

    private bool Fail()
    {
        _isBad = true;
        return false;
    }

    private bool TryRegistrant(out SnapshotRegistrant registrant)
    {
        registrant = default;
        if (!TryByte(out byte bits)) return false;
        var flags = (SnapshotFlags)bits;
        if (!TryAddress(flags.HasFlag(SnapshotFlags.SourceIsIPv4), out TransportAddress source)) return false;
        PeerId peer = default;
        if (flags.HasFlag(SnapshotFlags.HasPeer))
        {
            if (_payload.Length - _at < PeerId.SizeInBytes) return false;
            peer = new PeerId(_payload.Slice(_at, PeerId.SizeInBytes));
            _at += PeerId.SizeInBytes;
        }

        TransportAddress named = default;
        TransportAddress listed = source;
        if (flags.HasFlag(SnapshotFlags.HasNamed) && !TryAddress(flags.HasFlag(SnapshotFlags.NamedIsIPv4), out named)) return false;
        if (flags.HasFlag(SnapshotFlags.HasListed) && !TryAddress(flags.HasFlag(SnapshotFlags.ListedIsIPv4), out listed)) return false;
        ReadOnlySpan<byte> candidates = [];
        if (flags.HasFlag(SnapshotFlags.HasCandidates) && !TryBytes(SnapshotRegistrant.MaxCandidateBytes, out candidates)) return false;
        if (!TryNumber(out ulong lease) || lease > SnapshotRegistrant.MaxLeaseMillis) return false;
        if (!TryNumber(out ulong socket) || socket > SnapshotRegistrant.MaxSocketNumber) return false;
        bool isProven = flags.HasFlag(SnapshotFlags.Proven);
        bool isKey = isProven ? source.Port != 0 && named == default : source.Port == 0 && peer.IsEmpty;
        if (!isKey) return false;
        registrant = new SnapshotRegistrant
        {
            Key = isProven ? RegistrantKey.Proven(source, peer) : RegistrantKey.Unproven(source, named),
            Listed = listed,
            Candidates = candidates,
            LeaseEnd = TimeSpan.FromMilliseconds((long)lease),
            SocketNumber = (int)socket,
        };
        return true;
    }

    private bool TryContent(out SnapshotContent content)
    {
        content = default;
        if (!TryBytes(ShareName.MaxBytes, out ReadOnlySpan<byte> name) || name.IsEmpty) return false;
        int nameStart = _at - name.Length;
        if (!TryByte(out byte kind)) return false;
        ContentDescription? described = null;
        if (kind > 0)
        {
            if (kind > 2 || !TryNumber(out ulong size) || size > long.MaxValue || !TryByte(out byte log) || log > 30) return false;
            if (_payload.Length - _at < Sha256Digest.SizeInBytes) return false;
            var root = new Sha256Digest(_payload.Slice(_at, Sha256Digest.SizeInBytes));
            _at += Sha256Digest.SizeInBytes;
            described = new ContentDescription((long)size, 1 << log, root, (ShareKind)(kind - 1));
            if (described is { IsValid: false }) return false;
        }

        content = new SnapshotContent(nameStart, name.Length, described);
        return true;
    }

    private bool TryPassRuns(ulong runs, in SnapshotContent content)
    {
        long end = content.Content is { } told ? told.ChunkCount : ChunkRange.MaxChunks;
        long reached = -1;
        for (; runs > 0; runs--)
        {
            if (!TryNumber(out ulong first) || !TryNumber(out ulong count) || count == 0) return false;
            if (first > int.MaxValue || count > int.MaxValue || (long)first <= reached || (long)(first + count) > end) return false;
            reached = (long)(first + count);
        }

        return true;
    }

    private bool TryAddress(bool isIPv4, out TransportAddress address)
    {
        address = default;
        int length = isIPv4 ? sizeof(uint) : 16;
        if (_payload.Length - _at < length + sizeof(ushort)) return false;
        ReadOnlySpan<byte> bytes = _payload[_at..];
        ushort port = BinaryPrimitives.ReadUInt16LittleEndian(bytes[length..]);
        _at += length + sizeof(ushort);
        if (isIPv4)
        {
            address = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port);
            return true;
        }

        if (!TryNumber(out ulong scope) || scope > uint.MaxValue) return false;
        address = TransportAddress.FromBits(BinaryPrimitives.ReadUInt128BigEndian(bytes), port, (uint)scope);
        return !address.IsIPv4;
    }

    private bool TryBytes(int most, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        if (!TryNumber(out ulong length) || length > (ulong)most || length > (ulong)(_payload.Length - _at)) return false;
        bytes = _payload.Slice(_at, (int)length);
        _at += bytes.Length;
        return true;
    }

    private bool TryByte(out byte value)
    {
        value = _at < _payload.Length ? _payload[_at] : (byte)0;
        return _at++ < _payload.Length;
    }

    private bool TryNumber(out ulong value) => SnapshotRuns.TryNumber(_payload, ref _at, out value);
}
