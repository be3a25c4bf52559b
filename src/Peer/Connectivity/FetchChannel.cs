using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>A share that we have open with a peer: requests go out, chunks come in. Thread-safe.</summary>
internal sealed class FetchChannel
{
    private const int MaxManifestBytes = 256 * 1024 * 1024;
    private readonly FetchSide _side;
    private readonly Dictionary<int, ChunkAssembly> _chunks = [];
    private readonly Dictionary<MetadataKey, MetadataAssembly> _metadata = [];
    private readonly List<BlockRequest> _wants = [];
    private int _chunkSize;
    private MonotonicTime _owedSince;
    private bool _closed;

    internal FetchChannel(PeerConnection connection, FetchSide side, uint number, IFetchListener listener)
    {
        Connection = connection;
        _side = side;
        Number = number;
        Listener = listener;
    }

    public PeerConnection Connection { get; }

    public uint Number { get; }

    public IFetchListener Listener { get; }

    /// <summary>The peer's number in the download.</summary>
    public int PeerNumber { get; set; }

    /// <summary>Bytes of chunks that proved right.</summary>
    public long VerifiedBytes { get; set; }

    /// <summary>Since when data is asked for that has not come; null when none is. Held: the side's gate.</summary>
    internal MonotonicTime? OwedSince => _chunks.Count > 0 || _metadata.Count > 0 ? _owedSince : null;

    /// <summary>Adds a chunk to what will be asked for by <see cref="Flush"/>.</summary>
    public void Request(int chunk, int length)
    {
        lock (_side.Gate)
        {
            if (_closed) return;
            NoteDebt();
            _chunks.Add(chunk, new ChunkAssembly(chunk, length, Listener.Buffers));
            AddBlocks(_wants, chunk, length, 0);
        }

        _side.WatchDebt();
    }

    /// <summary>A chunk is wanted no longer.</summary>
    public void Cancel(int chunk)
    {
        var blocks = new List<BlockRequest>();
        lock (_side.Gate)
        {
            if (_closed || !_chunks.Remove(chunk, out ChunkAssembly? assembly)) return;
            int before = assembly.Received + assembly.Reading;
            _wants.RemoveAll(block => block.Chunk == chunk);
            _side.Cancel(assembly);
            AddBlocks(blocks, chunk, assembly.Length, before);
        }

        SendBlocks(PeerMessageType.Cancel, CollectionsMarshal.AsSpan(blocks));
    }

    /// <summary>Sends what <see cref="Request"/> gathered.</summary>
    public void Flush()
    {
        lock (_side.Gate)
        {
            SendBlocks(PeerMessageType.Want, CollectionsMarshal.AsSpan(_wants));
            _wants.Clear();
        }
    }

    /// <summary>Asks for hashes or the manifest.</summary>
    /// <param name="key">Which.</param>
    /// <param name="expectedBytes">Their length; 0 when not known, as for a manifest.</param>
    public void RequestMetadata(MetadataKey key, int expectedBytes)
    {
        lock (_side.Gate)
        {
            if (_closed) return;
            var assembly = new MetadataAssembly(key, expectedBytes == 0 ? MaxManifestBytes : expectedBytes);
            NoteDebt();
            if (_metadata.TryAdd(key, assembly)) AskMore(assembly);
        }

        _side.WatchDebt();
    }

    /// <summary>Ends the use of the channel; whatever is under way is dropped.</summary>
    public void Close(bool tellPeer = true)
    {
        lock (_side.Gate)
        {
            if (_closed) return;
            _closed = true;
            _wants.Clear();
            _metadata.Clear();
            foreach (ChunkAssembly assembly in _chunks.Values) _side.Cancel(assembly);
            _chunks.Clear();
            _side.Remove(Number);
        }

        if (tellPeer) Connection.Send(PeerMessageType.CloseShare, Number, default);
    }

    /// <summary>The chunk to which data belongs; null when it was not asked for. Held: the side's gate.</summary>
    internal ChunkAssembly? FindPlace(FileDataHeader header)
    {
        if (_chunkSize == 0 || !_chunks.TryGetValue((int)Math.Min(int.MaxValue, header.Offset / _chunkSize), out ChunkAssembly? assembly)) return null;
        int expected = Math.Min(PeerFrameHeader.MaxBlockBytes, assembly.Length - assembly.Received);
        return header.Offset % _chunkSize == assembly.Received && header.DataLength == expected ? assembly : null;
    }

    /// <summary>A chunk is complete. Held: the side's gate.</summary>
    internal void Forget(ChunkAssembly assembly) => _chunks.Remove(assembly.Chunk);

    internal void HandleInfo(in FileInfoMessage info)
    {
        string name = Encoding.UTF8.GetString(info.Name);
        ShareKind kind = info.IsDirectory ? ShareKind.Directory : ShareKind.File;
        ShareDescriptor? descriptor = null;
        if (ShareDescriptor.TryCreate(name, kind, info.SizeBytes, info.ChunkSize, info.Root, out ShareDescriptor? read)) descriptor = read;
        lock (_side.Gate) _chunkSize = descriptor?.ChunkSize ?? 0;
        Listener.OnInfo(this, descriptor);
    }

    internal bool HandleMetadata(in MetadataMessage piece)
    {
        MetadataKey key = MetadataKey.Of(piece);
        MetadataAssembly? assembly;
        lock (_side.Gate)
        {
            // A piece that nobody waits for (any more) is passed over; its sender pays for it out of its frame budget.
            if (!_metadata.TryGetValue(key, out assembly)) return true;
            if (!piece.Data.IsEmpty)
            {
                if (!assembly.TryAdd(piece)) return false;
                if (!assembly.IsComplete)
                {
                    AskMore(assembly);
                    return true;
                }
            }

            _metadata.Remove(key);
        }

        Listener.OnMetadata(this, key, assembly.IsComplete ? assembly.Data : default);
        return true;
    }

    internal void HandleRefusal(in CommonReplyMessage reply)
    {
        if (reply.Chunk is { } chunk)
        {
            lock (_side.Gate)
            {
                if (!_chunks.Remove(chunk, out ChunkAssembly? assembly)) return;
                _side.Cancel(assembly);
            }
        }

        Listener.OnRefused(this, reply.Reason, reply.Chunk);
    }

    private void NoteDebt()
    {
        if (OwedSince is null) _owedSince = _side.Now;
    }

    private static void AddBlocks(List<BlockRequest> blocks, int chunk, int length, int from)
    {
        for (int offset = from; offset < length; offset += PeerFrameHeader.MaxBlockBytes)
        {
            blocks.Add(new BlockRequest(chunk, offset, Math.Min(PeerFrameHeader.MaxBlockBytes, length - offset)));
        }
    }

    private void AskMore(MetadataAssembly assembly)
    {
        Span<byte> message = stackalloc byte[64];
        while (assembly.TryNext(out int offset))
        {
            var request = new MetadataMessage
            {
                Kind = assembly.Key.Kind,
                FileIndex = assembly.Key.Kind == MetadataKind.GroupRoots ? assembly.Key.Index : 0,
                Group = assembly.Key.Kind == MetadataKind.HashGroup ? assembly.Key.Index : 0,
                Offset = offset,
            };
            Connection.Send(PeerMessageType.MetadataRequest, Number, message[..request.Write(message)]);
        }
    }

    private void SendBlocks(PeerMessageType type, ReadOnlySpan<BlockRequest> blocks)
    {
        if (blocks.IsEmpty) return;
        byte[] message = ArrayPool<byte>.Shared.Rent(WantMessage.MaxBytes);
        for (; !blocks.IsEmpty; blocks = blocks[Math.Min(blocks.Length, WantMessage.MaxBlocks)..])
        {
            int length = WantMessage.Write(message, blocks[..Math.Min(blocks.Length, WantMessage.MaxBlocks)]);
            Connection.Send(type, Number, message.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(message);
    }
}
