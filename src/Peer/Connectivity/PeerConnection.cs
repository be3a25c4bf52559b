using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// A connection with a peer whose identity is proven: one reader, one writer, and a look at the clock when something is due. Both sides may fetch
/// and serve any number of shares on it.
/// </summary>
internal sealed class PeerConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly ConnectionContext _context;
    private readonly ServeSide _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _endGate = new();
    private readonly ConnectionWatch _watch;
    private readonly DeadlineTimer _timer;
    private Task _run = Task.CompletedTask;
    private string? _endReason;
    private bool _greeted;

    /// <param name="stream">Carries frames; closed with the connection.</param>
    /// <param name="remoteId">Who is at the other end, proven.</param>
    /// <param name="remoteAddress">Where from.</param>
    /// <param name="transport"><c>tcp</c> or <c>utp</c>.</param>
    /// <param name="context">What all connections share.</param>
    public PeerConnection(Stream stream, PeerId remoteId, TransportAddress remoteAddress, string transport, ConnectionContext context)
    {
        _stream = stream;
        _context = context;
        RemoteId = remoteId;
        RemoteAddress = remoteAddress;
        Transport = transport;
        _watch = new ConnectionWatch(context.TimeProvider);
        _timer = new DeadlineTimer(context.TimeProvider, _watch.Clock, Look);
        _serve = new ServeSide(this, context);
        Fetch = new FetchSide(this, _watch);
    }

    public PeerId RemoteId { get; }

    public TransportAddress RemoteAddress { get; }

    public string Transport { get; }

    /// <summary>The path that ICE keeps, which may change; null for a connection that was dialled or accepted at an address.</summary>
    public IceConnection? Path { get; init; }

    /// <summary>Where data goes at the moment, and how: <c>tcp</c>, <c>utp</c> or <c>relay</c>.</summary>
    public (TransportAddress Address, string Transport) Way =>
        Path?.Path is { } path ? (path.Remote, path.IsRelayed ? "relay" : Transport) : (RemoteAddress, Transport);

    /// <summary>The same, as the node's user sees it.</summary>
    public PeerPath ToPeerPath()
    {
        (TransportAddress address, string transport) = Way;
        PeerPathKind kind = transport switch { "relay" => PeerPathKind.Relay, "tcp" => PeerPathKind.Tcp, _ => PeerPathKind.Direct };
        return new PeerPath(RemoteId, kind, address);
    }

    /// <summary>Whether the peer has fallen silent although something is due from it; a path of ICE's has its own watch.</summary>
    public bool IsInDoubt => Path is null && _watch.IsInDoubt(Fetch.OwedSince);

    /// <summary>Called when a doubt arises, and now and then while it lasts.</summary>
    public Action<PeerConnection>? Doubted { get; init; }

    /// <summary>What waits to be sent.</summary>
    public FrameQueue Queue { get; } = new();

    /// <summary>How full its tables are, and those of the downloads that it takes part in.</summary>
    public IEnumerable<TableUse> Tables =>
    [
        new("shares that a peer has open", _serve.ChannelCount, ConnectionLimits.MaxChannels), new("shares open at a peer", Fetch.ChannelCount, ConnectionLimits.MaxChannels),
        .. Queue.Tables, .. Fetch.Tables,
    ];

    /// <summary>What we ask of the peer.</summary>
    public FetchSide Fetch { get; }

    /// <summary>Completes, never fails, when the connection has ended.</summary>
    public Task Completion => _run;

    /// <summary>Begins to read and write. Call once.</summary>
    public void Start()
    {
        if (Path is null) _watch.SomethingDue = () => _timer.Arm(_watch.Clock.Now + ConnectionLimits.Doubt);
        SendHello();
        _run = RunAsync();
        _timer.Arm(_watch.Deadline(isUsed: false));
    }

    /// <summary>Sends a frame. A peer that lets too many pile up is cut: then false.</summary>
    public bool Send(PeerMessageType type, uint channel, ReadOnlySpan<byte> message)
    {
        if (Queue.TryAdd(new PeerFrameHeader(type, _watch.UnixSeconds, channel, message.Length), message)) return true;
        Abort("it does not take what it is sent");
        return false;
    }

    /// <summary>Refuses a chunk, or with null a share.</summary>
    public bool SendRefusal(uint channel, RefusalReason reason, int? chunk)
    {
        Span<byte> message = stackalloc byte[64];
        return Send(PeerMessageType.CommonReply, channel, message[..new CommonReplyMessage { Reason = reason, Chunk = chunk }.Write(message)]);
    }

    /// <summary>Notes that a share was open until now.</summary>
    public void NoteUse() => _watch.NoteUse();

    /// <summary>Ends the connection; the first reason counts.</summary>
    public void Abort(string reason)
    {
        lock (_endGate)
        {
            if (_endReason is not null) return;
            _endReason = reason;
        }

        Queue.Close();
        _ = _stop.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Abort("it is no longer needed");
        await _run.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{RemoteId.ToShortString()} at {Way.Address} ({Way.Transport})");

    private async Task RunAsync()
    {
        _context.Metrics.ConnectionOpened();
        Task reader = GuardAsync(ReadLoopAsync);
        Task writer = GuardAsync(WriteLoopAsync);
        await Task.WhenAll(reader, writer).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        string reason = _endReason ?? "it closed the connection";
        _serve.CloseAll();
        Fetch.CloseAll(reason);
        _context.Metrics.ConnectionClosed();
        _context.Logger.LogDebug("The connection with {Peer} ended: {Reason}.", this, reason);
    }

    // Each loop says why it ended; whichever ends first ends the others.
    private async Task GuardAsync(Func<CancellationToken, Task<string>> loop)
    {
        string reason;
        try
        {
            await Task.Yield();
            reason = await loop(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            reason = "it was cut";
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            reason = e.Message;
        }
        catch (Exception e)
        {
            _context.Logger.LogError(e, "The connection with {Peer} failed.", this);
            reason = "of an internal error";
        }

        Abort(reason);
    }

    private async Task<string> ReadLoopAsync(CancellationToken stop)
    {
        using var buffer = new FrameBuffer(_stream);
        while (true)
        {
            OperationStatus status = PeerFrameHeader.TryRead(buffer.Available, out PeerFrameHeader header, out int consumed);
            if (status == OperationStatus.InvalidData) return "it sent what is no frame";
            if (status == OperationStatus.NeedMoreData)
            {
                if (buffer.Available.IsEmpty && _watch.IsQuiet) await buffer.WaitAsync(stop).ConfigureAwait(false);
                if (!await buffer.FillAsync(buffer.Available.Length + 1, stop).ConfigureAwait(false)) return "it closed the connection";
                continue;
            }

            buffer.Advance(consumed);
            if (!_watch.NoteFrame(isData: header.Type == PeerMessageType.FileData)) return "it floods us with frames";
            if (header.Type == PeerMessageType.FileData)
            {
                if (await ReadBlockAsync(buffer, header, stop).ConfigureAwait(false) is { } wrong) return wrong;
                continue;
            }

            if (header.MessageLength > ConnectionLimits.MaxControlBytes) return "it sent a frame that is too long";
            if (!await buffer.FillAsync(header.MessageLength, stop).ConfigureAwait(false)) return "it closed the connection";
            if (!Handle(header, buffer.Available[..header.MessageLength])) return string.Create(CultureInfo.InvariantCulture, $"it sent a {header.Type} that makes no sense");
            buffer.Advance(header.MessageLength);
        }
    }

    private bool Handle(PeerFrameHeader header, ReadOnlySpan<byte> message)
    {
        if (!_greeted)
        {
            _greeted = header.Type == PeerMessageType.HostInfo && HostInfoMessage.TryRead(message, out HostInfoMessage info) && info.Version >= 1;
            return _greeted;
        }

        switch (header.Type)
        {
            case PeerMessageType.OpenShare or PeerMessageType.Want or PeerMessageType.Cancel or PeerMessageType.MetadataRequest or PeerMessageType.CloseShare:
                return _serve.Handle(header, message);
            case PeerMessageType.FileInfo or PeerMessageType.Have or PeerMessageType.MetadataPiece or PeerMessageType.CommonReply:
                return Fetch.Handle(header, message);
            default:
                return true;   // keep-alives, and what later versions may send
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<string?> ReadBlockAsync(FrameBuffer buffer, PeerFrameHeader frame, CancellationToken stop)
    {
        FileDataHeader data;
        int consumed;
        OperationStatus status;
        while ((status = FileDataHeader.TryRead(buffer.Available, frame.MessageLength, out data, out consumed)) == OperationStatus.NeedMoreData)
        {
            if (!await buffer.FillAsync(buffer.Available.Length + 1, stop).ConfigureAwait(false)) return "it closed the connection";
        }

        if (status != OperationStatus.Done) return "it sent data without saying what it is";
        buffer.Advance(consumed);
        if (!Fetch.TryBegin(frame.Channel, data, out BlockSink sink)) return "it sent data that nobody asked for";
        bool whole = false;
        try
        {
            whole = await ReadDataAsync(buffer, sink, data.DataLength, stop).ConfigureAwait(false);
        }
        finally
        {
            if (whole) Fetch.End(sink);
            else Fetch.Abandon(sink);
        }

        if (!whole) return "it closed the connection";
        _context.Metrics.Received(data.DataLength);
        if (sink.Channel is { } channel && channel.Listener.WaitForRoomAsync() is { IsCompleted: false } room) await room.WaitAsync(stop).ConfigureAwait(false);
        return null;
    }

    // Where a rate is to be held, what was read counts before more is read: the transport's window makes the sender wait.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadDataAsync(FrameBuffer buffer, BlockSink sink, int length, CancellationToken stop)
    {
        const int ReportBytes = 64 * 1024;
        byte[]? scratch = sink.Target.IsEmpty ? ArrayPool<byte>.Shared.Rent(Math.Min(length, ReportBytes)) : null;
        RateLimiter perDownload = sink.Channel?.Listener.Downloads ?? RateLimiter.None;
        int slice = Math.Min(perDownload.SliceBytes, _context.Downloads.SliceBytes);
        int unreported = 0;
        for (int at = 0; at < length;)
        {
            Memory<byte> target = scratch is null ? sink.Target[at..] : scratch.AsMemory(0, Math.Min(scratch.Length, length - at));
            if (target.Length > slice) target = target[..slice];
            int read = buffer.Take(target.Span);
            if (read == 0) read = await _stream.ReadAsync(target, stop).ConfigureAwait(false);
            if (read == 0) return false;
            at += read;
            await perDownload.WaitAsync(read, stop).ConfigureAwait(false);
            await _context.Downloads.WaitAsync(read, stop).ConfigureAwait(false);
            unreported += read;
            if (unreported < ReportBytes && at < length && !_watch.IsReportDue()) continue;
            _watch.NoteData();
            sink.Channel?.Listener.OnBytes(sink.Channel, unreported);
            unreported = 0;
        }

        if (scratch is not null) ArrayPool<byte>.Shared.Return(scratch);
        return true;
    }

    private async Task<string> WriteLoopAsync(CancellationToken stop)
    {
        await new FrameWriter(_stream, Queue, _watch, _context, (job, reason) => SendRefusal(job.Channel, reason, job.Block.Chunk)).RunAsync(stop).ConfigureAwait(false);
        return "it was cut";
    }

    private void Look()
    {
        try
        {
            bool isUsed = _serve.ChannelCount > 0 || Fetch.ChannelCount > 0;
            if (_watch.Check(isUsed, out bool isKeepAliveDue) is { } wrong)
            {
                Abort(wrong);
                return;
            }

            if (isKeepAliveDue) Send(PeerMessageType.KeepAlive, 0, default);
            if (Path is null && _watch.CheckDoubt(Fetch.OwedSince)) Doubted?.Invoke(this);
            _timer.Arm(_watch.Deadline(isUsed));
            if (Path is null) _timer.Arm(_watch.DoubtDeadline(Fetch.OwedSince));
        }
        catch (Exception e)
        {
            // On a pool thread an exception that escapes would end the process.
            _context.Logger.LogError(e, "The connection with {Peer} failed.", this);
            Abort("of an internal error");
        }
    }

    private void SendHello()
    {
        Span<byte> message = stackalloc byte[256];
        var hello = new HostInfoMessage
        {
            Host = Encoding.UTF8.GetBytes(_context.Self.ToString()),
            Port = _context.ListenPort,
            IsServer = true,
            Version = HostInfoMessage.CurrentVersion,
        };
        Send(PeerMessageType.HostInfo, 0, message[..hello.Write(message, _watch.UnixSeconds)]);
    }
}
