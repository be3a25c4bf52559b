using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>What we ask of the other side of a connection. Frames and data come from the connection's reader, requests from any thread.</summary>
/// <param name="connection">The connection.</param>
/// <param name="watch">Is told when the peer begins to owe something.</param>
internal sealed class FetchSide(PeerConnection connection, ConnectionWatch watch)
{
    private readonly Dictionary<uint, FetchChannel> _channels = [];
    private uint _lastChannel;
    private long _discardCredit;
    private bool _closed;

    /// <summary>Guards all channels of the connection.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Shares that we have open.</summary>
    public int ChannelCount
    {
        get
        {
            lock (Gate) return _channels.Count;
        }
    }

    /// <summary>How full the tables of the downloads are.</summary>
    public IEnumerable<TableUse> Tables
    {
        get
        {
            IFetchListener[] listeners;
            lock (Gate) listeners = [.. _channels.Values.Select(channel => channel.Listener)];
            return listeners.SelectMany(listener => listener.Tables);
        }
    }

    /// <summary>Since when data is asked for that has not come; null when none is.</summary>
    public MonotonicTime? OwedSince
    {
        get
        {
            MonotonicTime? since = null;
            lock (Gate)
            {
                foreach (FetchChannel channel in _channels.Values) since = MonotonicTime.Earlier(since, channel.OwedSince);
            }

            return since;
        }
    }

    /// <summary>The present time, on the clock of <see cref="OwedSince"/>.</summary>
    public MonotonicTime Now => watch.Clock.Now;

    /// <summary>Has the clock looked at when the peer has not given in time what it was just asked for. Call after that was noted.</summary>
    public void WatchDebt() => watch.SomethingDue?.Invoke();

    /// <summary>Opens a share; null when the connection has ended or has too many open.</summary>
    public FetchChannel? Open(IFetchListener listener, string name, Sha256Digest? root, ReadOnlySpan<byte> proof)
    {
        FetchChannel channel;
        lock (Gate)
        {
            if (_closed || _channels.Count == ConnectionLimits.MaxChannels) return null;
            channel = new FetchChannel(connection, this, ++_lastChannel, listener);
            _channels.Add(channel.Number, channel);
        }

        Span<byte> rootBytes = stackalloc byte[Sha256Digest.SizeInBytes];
        root?.CopyTo(rootBytes);
        Span<byte> message = stackalloc byte[FileInfoMessage.MaxNameBytes + 128];
        var open = new OpenShareMessage { Name = Encoding.UTF8.GetBytes(name), Root = root is null ? default : rootBytes, Proof = proof };
        connection.Send(PeerMessageType.OpenShare, channel.Number, message[..open.Write(message)]);
        return channel;
    }

    /// <summary>Takes a frame of a kind that the other side sends to its client; false when it is nonsense and the connection must end.</summary>
    public bool Handle(PeerFrameHeader header, ReadOnlySpan<byte> message)
    {
        FetchChannel? channel;
        lock (Gate) _channels.TryGetValue(header.Channel, out channel);
        switch (header.Type)
        {
            case PeerMessageType.FileInfo:
                if (!FileInfoMessage.TryRead(message, out FileInfoMessage info)) return false;
                channel?.HandleInfo(info);
                return true;
            case PeerMessageType.Have:
                if (!HaveMessage.TryRead(message, out HaveMessage have)) return false;
                channel?.Listener.OnHave(channel, have);
                return true;
            case PeerMessageType.MetadataPiece:
                return MetadataMessage.TryRead(message, out MetadataMessage piece) && (channel is null || channel.HandleMetadata(piece));
            case PeerMessageType.CommonReply:
                if (!CommonReplyMessage.TryRead(message, out CommonReplyMessage reply)) return false;
                channel?.HandleRefusal(reply);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Finds the place for data; false when nobody asked for it and the connection must end.</summary>
    public bool TryBegin(uint number, FileDataHeader header, out BlockSink sink)
    {
        sink = default;
        lock (Gate)
        {
            if (_channels.TryGetValue(number, out FetchChannel? channel) && channel.FindPlace(header) is { } assembly)
            {
                sink = new BlockSink(channel, assembly, assembly.Begin(header.DataLength));
                return true;
            }

            // What was cancelled may be on its way; more than that nobody asked for.
            _discardCredit -= header.DataLength;
            return _discardCredit >= 0;
        }
    }

    /// <summary>Data has been read to its place.</summary>
    public void End(in BlockSink sink)
    {
        if (sink is not { Channel: { } channel, Assembly: { } assembly }) return;
        Memory<byte> buffer;
        lock (Gate)
        {
            assembly.Received += assembly.Reading;
            assembly.Reading = 0;
            buffer = assembly.Buffer;
            if (assembly.IsCancelled)
            {
                assembly.Release();
                return;
            }

            if (assembly.Received < assembly.Length) return;
            channel.Forget(assembly);
        }

        channel.Listener.OnChunk(channel, assembly.Chunk, buffer, assembly.Length);
    }

    /// <summary>Data could not be read to its end: the connection is ending.</summary>
    public void Abandon(in BlockSink sink)
    {
        if (sink.Assembly is not { } assembly) return;
        lock (Gate)
        {
            assembly.Reading = 0;
            if (assembly.IsCancelled) assembly.Release();
        }
    }

    /// <summary>A chunk is wanted no longer. Held: <see cref="Gate"/>.</summary>
    public void Cancel(ChunkAssembly assembly)
    {
        _discardCredit += assembly.Length - assembly.Received - assembly.Reading;
        assembly.IsCancelled = true;
        if (assembly.Reading == 0) assembly.Release();
    }

    /// <summary>Takes a channel away that is of no use any more. Held: <see cref="Gate"/>.</summary>
    public void Remove(uint channel)
    {
        _channels.Remove(channel);
        watch.NoteUse();
    }

    /// <summary>The connection has ended.</summary>
    public void CloseAll(string reason)
    {
        FetchChannel[] channels;
        lock (Gate)
        {
            _closed = true;
            channels = [.. _channels.Values];
        }

        foreach (FetchChannel channel in channels)
        {
            channel.Close(tellPeer: false);
            channel.Listener.OnClosed(channel, reason);
        }
    }
}
