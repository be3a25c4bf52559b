using System.Buffers;
using CS3103P2P.Peer.Tests.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Connectivity;

/// <summary>Speaks the peers' messages frame by frame, rightly or wrongly.</summary>
internal sealed class HandPeer(SecureStream stream) : IAsyncDisposable
{
    private readonly TaskCompletionSource _provoked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the misdeed was done for the first time.</summary>
    public Task Provoked => _provoked.Task;

    public Task WriteAsync(byte[] bytes) => stream.WriteAsync(bytes).AsTask();

    public Task GreetAsync() => SendAsync(PeerMessageType.HostInfo, 0, buffer => new HostInfoMessage { Version = 1, IsServer = true }.Write(buffer, 1));

    public Task OpenAsync(uint channel, string name) =>
        SendAsync(PeerMessageType.OpenShare, channel, buffer => new OpenShareMessage { Name = System.Text.Encoding.UTF8.GetBytes(name) }.Write(buffer));

    public Task WantAsync(uint channel, params BlockRequest[] blocks) => SendAsync(PeerMessageType.Want, channel, buffer => WantMessage.Write(buffer, blocks));

    /// <summary>The same; false when the connection has ended.</summary>
    public async Task<bool> TryWantAsync(uint channel, params BlockRequest[] blocks)
    {
        try
        {
            await WantAsync(channel, blocks);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public Task SendDataAsync(uint channel, long offset, byte[] data) => SendAsync(PeerMessageType.FileData, channel, buffer =>
    {
        int at = new FileDataHeader(offset, data.Length).Write(buffer);
        data.CopyTo(buffer, at);
        return at + data.Length;
    });

    /// <summary>Reads frames until one of that type has come; false when the time is up.</summary>
    public async Task<bool> ReadUntilAsync(PeerMessageType type, TimeSpan limit)
    {
        using var bounded = new CancellationTokenSource(limit);
        while (await ReadFrameAsync(bounded.Token) is { } frame)
        {
            if (frame.Header.Type == type) return true;
        }

        return false;
    }

    /// <summary>Serves a share wrongly until the connection ends.</summary>
    public async Task PlayServerAsync(MemoryContent content, Misdeed misdeed)
    {
        try
        {
            await GreetAsync();
            while (await ReadFrameAsync(CancellationToken.None) is { } frame) await AnswerAsync(frame.Header, frame.Message, content, misdeed);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _provoked.TrySetResult();
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task AnswerAsync(PeerFrameHeader header, byte[] message, MemoryContent content, Misdeed misdeed)
    {
        ShareDescriptor descriptor = content.Descriptor;
        switch (header.Type)
        {
            case PeerMessageType.OpenShare:
                long size = misdeed == Misdeed.OtherShare ? descriptor.SizeBytes + 1 : descriptor.SizeBytes;
                await SendAsync(PeerMessageType.FileInfo, header.Channel, buffer => new FileInfoMessage
                {
                    Root = descriptor.Root, Name = "memory"u8, SizeBytes = size, ChunkSize = descriptor.ChunkSize,
                }.Write(buffer));
                await SendAsync(PeerMessageType.Have, header.Channel, buffer => HaveMessage.WriteRuns(buffer, [new ChunkRange(0, int.MaxValue)]));
                if (misdeed == Misdeed.OtherShare) _provoked.TrySetResult();
                break;
            case PeerMessageType.MetadataRequest:
                await AnswerMetadataAsync(header, message, content, misdeed);
                break;
            case PeerMessageType.Want:
                await AnswerWantAsync(header, message, misdeed);
                _provoked.TrySetResult();
                break;
            default:
                break;
        }
    }

    private async Task AnswerMetadataAsync(PeerFrameHeader header, byte[] message, MemoryContent content, Misdeed misdeed)
    {
        MetadataMessage.TryRead(message, out MetadataMessage request);
        (MetadataKind kind, int file, int group) = (request.Kind, request.FileIndex, request.Group);
        byte[] hashes = new byte[512 * 32];
        int length = kind == MetadataKind.GroupRoots ? content.CopyGroupRoots(0, 0, hashes) : content.CopyHashGroup(group, hashes);
        if (misdeed == Misdeed.WrongHashes) length += 32;
        await SendAsync(PeerMessageType.MetadataPiece, header.Channel, buffer => new MetadataMessage
        {
            Kind = kind, FileIndex = file, Group = group, TotalBytes = length, Data = hashes.AsSpan(0, length),
        }.Write(buffer));
        if (misdeed == Misdeed.WrongHashes) _provoked.TrySetResult();
    }

    private async Task AnswerWantAsync(PeerFrameHeader header, byte[] message, Misdeed misdeed)
    {
        var blocks = new List<BlockRequest>();
        if (WantMessage.TryRead(message, out WantMessage want))
        {
            foreach (BlockRequest block in want) blocks.Add(block);
        }

        foreach (BlockRequest block in blocks)
        {
            switch (misdeed)
            {
                case Misdeed.WrongLength: await SendDataAsync(header.Channel, (long)block.Chunk * 65536, new byte[block.Length - 1]); break;
                case Misdeed.WrongPlace: await SendDataAsync(header.Channel, ((long)block.Chunk * 65536) + 512, new byte[block.Length]); break;
                case Misdeed.Close: await stream.DisposeAsync(); return;
                case Misdeed.RefuseEverything:
                    int refused = block.Chunk;
                    await SendAsync(PeerMessageType.CommonReply, header.Channel, buffer => new CommonReplyMessage { Reason = RefusalReason.NotAvailable, Chunk = refused }.Write(buffer));
                    break;
                default: return;   // silence
            }
        }
    }

    private async Task<(PeerFrameHeader Header, byte[] Message)?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        var bytes = new List<byte>();
        byte[] one = new byte[1];
        PeerFrameHeader header;
        while (PeerFrameHeader.TryRead(bytes.ToArray(), out header, out _) != OperationStatus.Done)
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0) return null;
            bytes.Add(one[0]);
        }

        byte[] message = new byte[header.MessageLength];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return (header, message);
    }

    private async Task SendAsync(PeerMessageType type, uint channel, Func<byte[], int> write)
    {
        byte[] message = new byte[PeerFrameHeader.MaxMessageBytes];
        int length = write(message);
        byte[] frame = new byte[PeerFrameHeader.MaxHeaderBytes + length];
        int at = new PeerFrameHeader(type, 1, channel, length).Write(frame);
        message.AsSpan(0, length).CopyTo(frame.AsSpan(at));
        await stream.WriteAsync(frame.AsMemory(0, at + length));
    }
}
