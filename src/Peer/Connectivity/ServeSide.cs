using System.Buffers;
using System.Text;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Answers what the other side of a connection asks of us. Frames come from the connection's reader only.</summary>
internal sealed class ServeSide(PeerConnection connection, ConnectionContext context)
{
    private const int SmallMessageBytes = 2048;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, ServedShare> _channels = [];

    /// <summary>Shares that the peer has open.</summary>
    public int ChannelCount
    {
        get
        {
            lock (_gate) return _channels.Count;
        }
    }

    /// <summary>Takes a frame of a kind that the other side sends to its server; false when it is nonsense and the connection must end.</summary>
    public bool Handle(PeerFrameHeader header, ReadOnlySpan<byte> message)
    {
        switch (header.Type)
        {
            case PeerMessageType.OpenShare:
                return OpenShareMessage.TryRead(message, out OpenShareMessage open) && Open(header.Channel, open);
            case PeerMessageType.Want:
                return WantMessage.TryRead(message, out WantMessage want) && Enqueue(header.Channel, want);
            case PeerMessageType.Cancel:
                return WantMessage.TryRead(message, out WantMessage cancel) && Cancel(header.Channel, cancel);
            case PeerMessageType.MetadataRequest:
                return MetadataMessage.TryRead(message, out MetadataMessage request) && SendMetadata(header.Channel, request);
            case PeerMessageType.CloseShare:
                Close(header.Channel);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Tells of chunks that can be served now.</summary>
    public void SendHave(uint channel, ReadOnlySpan<ChunkRange> runs)
    {
        const int RunsPerMessage = 1024;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16 + (RunsPerMessage * 10));
        for (; !runs.IsEmpty; runs = runs[Math.Min(runs.Length, RunsPerMessage)..])
        {
            int length = HaveMessage.WriteRuns(buffer, runs[..Math.Min(runs.Length, RunsPerMessage)]);
            connection.Send(PeerMessageType.Have, channel, buffer.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Closes all channels: the connection has ended.</summary>
    public void CloseAll()
    {
        uint[] channels;
        lock (_gate) channels = [.. _channels.Keys];
        foreach (uint channel in channels) Close(channel);
    }

    private bool Open(uint channel, in OpenShareMessage open)
    {
        if (channel == 0) return false;
        Sha256Digest? root = open.Root.IsEmpty ? null : new Sha256Digest(open.Root);
        ServedShare? share = context.Shares.Find(Encoding.UTF8.GetString(open.Name), root);
        if (share?.Secret is { } secret && !secret.VerifyFetchProof(connection.RemoteId, context.Self, open.Proof))
        {
            context.Logger.LogWarning("{Peer} asked for a private share without knowing its secret.", connection);
            share = null;
        }

        if (share is null) return Refuse(channel, RefusalReason.NoSuchShare, null);
        lock (_gate)
        {
            if (_channels.Count == ConnectionLimits.MaxChannels) return Refuse(channel, RefusalReason.LimitReached, null);
            if (!_channels.TryAdd(channel, share)) return false;
        }

        // Subscribed before the snapshot is taken, so that no chunk falls between the two; hearing of one twice does no harm.
        SendInfo(channel, share.Content.Descriptor);
        share.AddReader(this, channel);
        SendSnapshot(channel, share.Content);
        return true;
    }

    private void SendInfo(uint channel, ShareDescriptor descriptor)
    {
        Span<byte> message = stackalloc byte[SmallMessageBytes];
        var info = new FileInfoMessage
        {
            Root = descriptor.Root,
            Name = Encoding.UTF8.GetBytes(descriptor.Name),
            SizeBytes = descriptor.SizeBytes,
            ChunkSize = descriptor.ChunkSize,
            IsDirectory = descriptor.Kind == ShareKind.Directory,
        };
        connection.Send(PeerMessageType.FileInfo, channel, message[..info.Write(message)]);
    }

    private void SendSnapshot(uint channel, IShareContent content)
    {
        ChunkBitmap verified = content.SnapshotVerified();
        if (verified.Count == 0) return;
        ChunkSet runs = verified.ToChunkSet();
        if (runs.RunCount <= verified.SizeInBytes / 4)
        {
            SendHave(channel, runs.Runs);
            return;
        }

        byte[] bitmap = new byte[verified.SizeInBytes];
        verified.CopyTo(bitmap);
        byte[] message = ArrayPool<byte>.Shared.Rent(HaveMessage.MaxBitmapBytes + 64);
        for (int at = 0; at < bitmap.Length; at += HaveMessage.MaxBitmapBytes)
        {
            ReadOnlySpan<byte> piece = bitmap.AsSpan(at, Math.Min(HaveMessage.MaxBitmapBytes, bitmap.Length - at));
            connection.Send(PeerMessageType.Have, channel, message.AsSpan(0, HaveMessage.WriteBitmap(message, at * 8, piece)));
        }

        ArrayPool<byte>.Shared.Return(message);
    }

    private bool Enqueue(uint channel, in WantMessage want)
    {
        if (Find(channel) is not { } share) return Refuse(channel, RefusalReason.NoSuchShare, null);
        int refused = -1;
        foreach (BlockRequest block in want)
        {
            if (block.Chunk == refused) continue;
            RefusalReason? reason = null;
            if (block.Chunk >= share.Content.Descriptor.ChunkCount || !share.Content.HasChunk(block.Chunk)) reason = RefusalReason.NotAvailable;
            else if (!connection.Queue.TryAdd(new BlockJob(channel, share, block))) reason = RefusalReason.Busy;
            if (reason is not { } why) continue;
            refused = block.Chunk;
            if (!Refuse(channel, why, refused)) return false;
        }

        return true;
    }

    private bool Cancel(uint channel, in WantMessage cancel)
    {
        var blocks = new HashSet<BlockRequest>();
        foreach (BlockRequest block in cancel) blocks.Add(block);
        connection.Queue.Cancel(channel, blocks);
        return true;
    }

    private bool SendMetadata(uint channel, in MetadataMessage request)
    {
        if (Find(channel) is not { } share) return Refuse(channel, RefusalReason.NoSuchShare, null);
        byte[] data = ArrayPool<byte>.Shared.Rent(MetadataMessage.MaxDataBytes);
        byte[] message = ArrayPool<byte>.Shared.Rent(MetadataMessage.MaxBytes);
        try
        {
            int length = ServedMetadata.Copy(share.Content, request, data.AsSpan(0, MetadataMessage.MaxDataBytes), out int total);
            var piece = new MetadataMessage
            {
                Kind = request.Kind,
                FileIndex = request.FileIndex,
                Group = request.Group,
                Offset = request.Offset,
                TotalBytes = total,
                Data = data.AsSpan(0, length),
            };

            // No data means that it is not there: a refusal that names what was asked for.
            return connection.Send(PeerMessageType.MetadataPiece, channel, message.AsSpan(0, piece.Write(message)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(data);
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private void Close(uint channel)
    {
        ServedShare? share;
        lock (_gate)
        {
            if (!_channels.Remove(channel, out share)) return;
        }

        connection.NoteUse();
        share.RemoveReader(this, channel);
        connection.Queue.Cancel(channel, null);
    }

    private ServedShare? Find(uint channel)
    {
        lock (_gate) return _channels.GetValueOrDefault(channel);
    }

    private bool Refuse(uint channel, RefusalReason reason, int? chunk) => connection.SendRefusal(channel, reason, chunk);
}
