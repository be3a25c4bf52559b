using System.Collections.Concurrent;
using System.Threading.Channels;
using CS3103P2P.Protocol;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport;

/// <summary>
/// Joins the uTP machine, which the datagram loop owns, with its streams, which their users' threads own: before the machine is
/// drained, it takes over what users did and tells them what happened. All but <see cref="Submit"/> runs on the loop.
/// </summary>
internal sealed class UtpLoop : IDatagramMachine
{
    private readonly UtpMachine _machine;
    private readonly DatagramEndpoint _endpoint;
    private readonly UtpOptions _options;
    private readonly Channel<UtpStream> _accepted;
    private readonly ConcurrentQueue<UtpStream> _submitted = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    public UtpLoop(DatagramEndpoint endpoint, UtpOptions options)
    {
        _endpoint = endpoint;
        _options = options;
        _machine = new UtpMachine(options, endpoint.Network.Chance);
        if (options.Paths is { } paths)
        {
            _machine.LastingAddress = source => paths.TryGetLastingAddress(source, out TransportAddress lasting) ? lasting : null;
            paths.PathChanged += HandlePathChange;
        }

        _accepted = Channel.CreateBounded<UtpStream>(options.AcceptBacklog);
    }

    public MonotonicTime? Deadline => _machine.Deadline;

    public ChannelReader<UtpStream> Accepted => _accepted.Reader;

    /// <summary>Ends when everything that was written to closed streams is delivered or given up.</summary>
    public Task Stopped => _stopped.Task;

    public UtpConnection[] GetConnections() => _machine.GetConnections();

    /// <summary>Puts a stream on the list of those to look at. Thread-safe, no allocation to speak of.</summary>
    public void Submit(UtpStream stream)
    {
        _submitted.Enqueue(stream);
        _endpoint.Wake();
    }

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram) =>
        _machine.HandleDatagram(now, source, datagram);

    public void HandleTimeout(MonotonicTime now) => _machine.HandleTimeout(now);

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        TakeRequests(now);
        TellUsers();
        while (_machine.PollTransmit(now, buffer, out transmit))
        {
            if (_options.Paths is null || _options.Paths.TryRoute(buffer[..transmit.TotalBytes], ref transmit)) return true;
        }

        if (_stopping && !_machine.IsDelivering) _stopped.TrySetResult();
        return false;
    }

    public UtpStream Connect(TransportAddress remote)
    {
        if (_stopping) throw UtpException.ToIOException(UtpCloseReason.TransportClosed);
        UtpConnection connection = _machine.Connect(_endpoint.Clock.Now, remote)
            ?? throw UtpException.ToIOException(UtpCloseReason.TooManyConnections);
        return CreateStream(connection);
    }

    public bool Migrate(UtpConnection connection, TransportAddress remote) => _machine.Migrate(_endpoint.Clock.Now, connection, remote);

    /// <summary>Ends what is open; lets what is closed deliver the rest.</summary>
    public void Stop()
    {
        TakeRequests(_endpoint.Clock.Now);
        _stopping = true;
        _machine.IsListening = false;
        _machine.AbortOpen(UtpCloseReason.TransportClosed);
        _accepted.Writer.TryComplete(UtpException.ToIOException(UtpCloseReason.TransportClosed));
    }

    /// <summary>The socket is gone.</summary>
    public void Fail()
    {
        StopListeningToPaths();
        _stopping = true;
        foreach (UtpConnection connection in _machine.GetConnections())
        {
            (connection.Owner as UtpStream)?.HandleClosed(UtpCloseReason.TransportClosed);
        }

        _accepted.Writer.TryComplete(UtpException.ToIOException(UtpCloseReason.TransportClosed));
        _stopped.TrySetResult();
    }

    /// <summary>After the last drain.</summary>
    public void StopListeningToPaths()
    {
        if (_options.Paths is { } paths) paths.PathChanged -= HandlePathChange;
    }

    private void HandlePathChange(TransportAddress remote) => _machine.HandlePathChange(_endpoint.Clock.Now, remote);

    private void TakeRequests(MonotonicTime now)
    {
        while (_submitted.TryDequeue(out UtpStream? stream))
        {
            UtpStreamRequests requests = stream.TakeRequests();
            UtpConnection connection = stream.Connection;
            if (requests.HasFlag(UtpStreamRequests.Read)) connection.HandleRead();
            if (requests.HasFlag(UtpStreamRequests.ShutdownWrite)) connection.ShutdownWrite();
            if (requests.HasFlag(UtpStreamRequests.Close)) connection.Close(now);
            if (requests.HasFlag(UtpStreamRequests.Abort)) connection.Abort(UtpCloseReason.Aborted);
            _machine.Touch(connection);
        }
    }

    private void TellUsers()
    {
        while (_accepted.Reader.Count < _options.AcceptBacklog && _machine.PollAccept(out UtpConnection connection))
        {
            UtpStream stream = CreateStream(connection);
            stream.HandleEvents(UtpEvents.Connected | UtpEvents.Readable);
            if (connection.State == UtpState.Closed) stream.HandleClosed(connection.CloseReason);
            if (!_accepted.Writer.TryWrite(stream)) connection.Abort(UtpCloseReason.TransportClosed);
        }

        while (_machine.PollEvent(out UtpConnection connection, out UtpEvents events))
        {
            (connection.Owner as UtpStream)?.HandleEvents(events);
        }
    }

    private UtpStream CreateStream(UtpConnection connection)
    {
        var stream = new UtpStream(this, _endpoint, connection);
        connection.Owner = stream;
        return stream;
    }
}
