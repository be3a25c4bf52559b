using System.Buffers.Binary;
using System.Numerics;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>
/// Writes registrants into blocks (see <see cref="SnapshotFormat"/>). Pure; nothing is allocated for a registrant or an entry.
/// <code>
/// registrant  flags u8 | source | [peer 32] | [named] | [listed] | [length, candidates] | lease end, ms since the header's time | socket | entry... | 0
/// entry       1 and a new content, or 2 + number of the content in this block | listed u8 | runs | (first, count)...
/// content     length, name | flags u8 | [size | log2 of the chunk size u8 | root 32]
/// address     4 or 16 bytes | port u16 | of IPv6: scope
/// </code>
/// Without a type: a number of 1 to 10 bytes, seven bits each, the lowest first.
/// </summary>
internal sealed class SnapshotWriter
{
    private const int TargetPayloadBytes = 256 << 10;
    private const int MaxRegistrantBytes = 4 << 10;    // without entries
    private const int MaxEntryHeadBytes = 512;
    private const int MaxRunBytes = 10;
    private const int InitialBytes = 512 << 10;

    private readonly long _writtenAtMillis;
    private readonly uint _seed;
    private readonly MonotonicTime _writtenAt;
    private readonly ContentTable _contents = new();
    private byte[] _buffer = new byte[InitialBytes];
    private int _length;
    private int _blockStart = -1;
    private uint _blocks;
    private RegistrantHead _head;

    /// <param name="writtenAt">The present time.</param>
    /// <param name="unixMilliseconds">The same by the calendar.</param>
    public SnapshotWriter(MonotonicTime writtenAt, long unixMilliseconds)
    {
        _writtenAt = writtenAt;
        _writtenAtMillis = unixMilliseconds;
        _seed = SnapshotFormat.WriteHeader(_buffer, _writtenAtMillis);
        _length = SnapshotFormat.HeaderBytes;
    }

    /// <summary>How many registrants were written.</summary>
    public long Registrants { get; private set; }

    /// <summary>How many entries were written.</summary>
    public long Entries { get; private set; }

    /// <summary>What is ready for the file, valid until the next call of another member.</summary>
    public ReadOnlySpan<byte> Ready => _buffer.AsSpan(0, _blockStart < 0 ? _length : _blockStart);

    /// <summary>How much that is.</summary>
    public int ReadyBytes => _blockStart < 0 ? _length : _blockStart;

    /// <summary>Begins a registrant.</summary>
    public void BeginRegistrant(in RegistrantKey key, TransportAddress listed, byte[] candidates, MonotonicTime leaseEnd, int socketNumber)
    {
        _head = new RegistrantHead(key, listed, candidates, (ulong)Math.Max(0, (leaseEnd - _writtenAt).Ticks / TimeSpan.TicksPerMillisecond), (uint)socketNumber);
        Registrants++;
        WriteHead();
    }

    /// <summary>Adds an entry of the registrant that was begun.</summary>
    public void AddEntry(ReadOnlySpan<byte> name, in ContentDescription? content, bool isListed, ReadOnlySpan<ChunkRange> runs)
    {
        Entries++;
        if (_length - _blockStart > TargetPayloadBytes)
        {
            // A registrant with many entries goes on in another block.
            EndRegistrant();
            WriteHead();
        }

        Reserve(MaxEntryHeadBytes + (runs.Length * MaxRunBytes));
        int known = _contents.IndexOf(_buffer, name, content);
        if (known >= 0) Number((ulong)known + 2);
        else WriteContent(name, content);
        _buffer[_length++] = isListed ? (byte)1 : (byte)0;
        Number((ulong)runs.Length);
        foreach (ChunkRange run in runs)
        {
            Number((uint)run.First);
            Number((uint)run.Count);
        }
    }

    /// <summary>Ends the registrant that was begun.</summary>
    public void EndRegistrant()
    {
        _buffer[_length++] = 0;
        if (_length - _blockStart > TargetPayloadBytes) EndBlock();
    }

    /// <summary>Makes all that was written ready.</summary>
    public void Flush()
    {
        if (_blockStart >= 0) EndBlock();
    }

    /// <summary>Ends the snapshot; nothing may follow.</summary>
    public void Complete()
    {
        Flush();
        BeginBlock(SnapshotFormat.EndKind);
        Reserve(SnapshotFormat.EndPayloadBytes);
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_length), Registrants);
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_length + sizeof(long)), Entries);
        _length += 2 * sizeof(long);
        EndBlock();
    }

    /// <summary>Forgets what was ready, because it is in the file.</summary>
    public void Consume()
    {
        int ready = ReadyBytes;
        _buffer.AsSpan(ready, _length - ready).CopyTo(_buffer);
        _length -= ready;
        if (_blockStart >= 0) _blockStart = 0;
        _contents.Move(ready);
    }

    private void BeginBlock(byte kind)
    {
        Reserve(SnapshotFormat.BlockHeaderBytes + 1);
        _blockStart = _length;
        _length += SnapshotFormat.BlockHeaderBytes;
        _buffer[_length++] = kind;
        _contents.Clear();
    }

    private void EndBlock()
    {
        Span<byte> block = _buffer.AsSpan(_blockStart, _length - _blockStart);
        SnapshotFormat.WriteBlockHeader(block, _seed, _blocks++, block[SnapshotFormat.BlockHeaderBytes..]);
        _blockStart = -1;
    }

    private void WriteHead()
    {
        if (_blockStart < 0) BeginBlock(SnapshotFormat.RegistrantsKind);
        Reserve(MaxRegistrantBytes + _head.Candidates.Length);
        RegistrantKey key = _head.Key;
        SnapshotFlags flags = (key.IsProven ? SnapshotFlags.Proven : 0)
            | (key.Peer.IsEmpty ? 0 : SnapshotFlags.HasPeer)
            | (key.Source.IsIPv4 ? SnapshotFlags.SourceIsIPv4 : 0)
            | (key.Named == default ? 0 : SnapshotFlags.HasNamed)
            | (_head.Listed == key.Source ? 0 : SnapshotFlags.HasListed)
            | (_head.Candidates.Length == 0 ? 0 : SnapshotFlags.HasCandidates)
            | (key.Named.IsIPv4 ? SnapshotFlags.NamedIsIPv4 : 0)
            | (_head.Listed.IsIPv4 ? SnapshotFlags.ListedIsIPv4 : 0);
        _buffer[_length++] = (byte)flags;
        Address(key.Source);
        if (flags.HasFlag(SnapshotFlags.HasPeer))
        {
            key.Peer.CopyTo(_buffer.AsSpan(_length));
            _length += PeerId.SizeInBytes;
        }

        if (flags.HasFlag(SnapshotFlags.HasNamed)) Address(key.Named);
        if (flags.HasFlag(SnapshotFlags.HasListed)) Address(_head.Listed);
        if (flags.HasFlag(SnapshotFlags.HasCandidates)) Bytes(_head.Candidates);
        Number(_head.LeaseMillis);
        Number(_head.SocketNumber);
    }

    private void WriteContent(ReadOnlySpan<byte> name, in ContentDescription? content)
    {
        Number(1);
        Bytes(name);
        _contents.Add(_length, name, content);
        if (content is { } told)
        {
            _buffer[_length++] = (byte)(1 + (int)told.Kind);
            Number((ulong)told.SizeBytes);
            _buffer[_length++] = (byte)BitOperations.Log2((uint)told.ChunkSize);
            told.Root.CopyTo(_buffer.AsSpan(_length));
            _length += Sha256Digest.SizeInBytes;
        }
        else
        {
            _buffer[_length++] = 0;
        }
    }

    private void Address(TransportAddress address)
    {
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(_length), address.ToIPv4Bits());
            _length += sizeof(uint);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(_buffer.AsSpan(_length), address.AddressBits);
            _length += 16;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_length), address.Port);
        _length += sizeof(ushort);
        if (!address.IsIPv4) Number(address.ScopeId);
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number((uint)bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _buffer[_length++] = (byte)(value | 0x80);
        _buffer[_length++] = (byte)value;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }

    private readonly record struct RegistrantHead(RegistrantKey Key, TransportAddress Listed, byte[] Candidates, ulong LeaseMillis, uint SocketNumber);
}
