using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>The loop of a <see cref="DatagramEndpoint"/>: posted work, receive batch, timers, drain, sleep.</summary>
internal sealed class DatagramLoop
{
    /// <summary>A machine is drained at the latest after this many datagrams.</summary>
    public const int MaxInputsBeforeDrain = 64;

    /// <summary>Room for what a machine sends: below the 65,507 bytes that a UDP datagram over IPv4 can carry.</summary>
    public const int TransmitBufferBytes = 65_000;

    private const int MaxWorkPerTurn = 1024;
    private const int MaxTransmitsPerTurn = 64;      // a machine; then the others and the receive side have their turn
    private const long MinBlockedWaitMicros = 1000;  // while the kernel takes nothing, a machine that is due "now" must not spin the loop
    private const int Running = 0, Notified = 1, Sleeping = 2;

    private readonly IDatagramSocket _socket;
    private readonly ILogger _logger;
    private readonly byte[] _transmitBuffer = GC.AllocateUninitializedArray<byte>(TransmitBufferBytes, pinned: true);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AttachedMachine?[] _machines = [];
    private LinuxReplyBatch? _replies;               // null until a machine answers at once, and where the system sends one at a time
    private Transmit _unsent;                        // what a full kernel buffer held back: the bytes wait in _transmitBuffer
    private int _unsentStart;
    private int _state;
    private volatile bool _stopRequested;
    private bool _hasEnded;

    public DatagramLoop(IDatagramSocket socket, MonotonicClock clock, ILogger logger)
    {
        _socket = socket;
        _logger = logger;
        Clock = clock;
        LocalAddress = socket.LocalAddress;
    }

    public TransportAddress LocalAddress { get; }

    public MonotonicClock Clock { get; }

    public MachineTable Machines { get; } = new();

    public LoopQueue Work { get; } = new();

    public DatagramCounters Counters { get; } = new();

    /// <summary>Whether <see cref="Step"/> runs.</summary>
    public bool IsInTurn { get; private set; }

    /// <summary>Ends once the socket is closed.</summary>
    public Task Stopped => _stopped.Task;

    private bool IsBlocked => _unsentStart < _unsent.TotalBytes || _replies is { IsBlocked: true };

    public void RequestStop()
    {
        _stopRequested = true;
        Wake();
    }

    /// <summary>Makes a turn start, or the present one be followed by another without sleep.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _state, Notified) == Sleeping) _socket.Wake();
    }

    /// <summary>Takes a datagram that did not come by the socket.</summary>
    public void Deliver(TransportAddress source, ReadOnlySpan<byte> datagram) => Dispatch(Clock.Now, source, datagram);

    public void Run()
    {
        Exception? failure = null;
        try
        {
            while (!_stopRequested) Turn();
        }
#pragma warning disable CA1031 // the thread's last resort: what ends the loop is told to the log and to every machine's owner
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
            _logger.LogCritical(e, "The datagram loop at {Address} ended.", LocalAddress);
        }

        Shutdown(failure);
    }

    /// <summary>One turn on the caller's thread, where the loop has none of its own; false once it has ended.</summary>
    public bool Step()
    {
        if (_hasEnded) return false;
        IsInTurn = true;
        if (_stopRequested) Shutdown(failure: null);
        else Turn();
        IsInTurn = false;
        return !_hasEnded;
    }

    /// <summary>The machines that are due.</summary>
    public string DescribeDue()
    {
        MonotonicTime now = Clock.Now;
        IEnumerable<string> due = _machines.OfType<AttachedMachine>().Where(attached => attached.Machine.Deadline <= now)
            .Select(attached => $"{attached.Machine.GetType().Name} {(now - attached.Machine.Deadline!.Value).TotalMicroseconds} us late");
        return $"{string.Join(", ", due)}; {(Work.TryTake(out LoopWork? work) ? work.GetType().Name : "no work")}";
    }

    private void Turn()
    {
        Interlocked.Exchange(ref _state, Running);
        RunWork();
        _machines = Machines.Snapshot;
        MonotonicTime now = Clock.Now;
        ReceiveBatch(now);
        foreach (AttachedMachine? attached in _machines)
        {
            if (attached is not null) RunTimers(attached, now);
        }

        DrainAll(now);
        Sleep();
    }

    private void RunWork()
    {
        for (int i = 0; i < MaxWorkPerTurn; i++)
        {
            if (!Work.TryTake(out LoopWork? work)) return;
            try
            {
                work.Run();
            }
#pragma warning disable CA1031 // a posted action that throws is its owner's bug; the others on this socket go on
            catch (Exception e)
#pragma warning restore CA1031
            {
                _logger.LogError(e, "An action posted to the datagram loop threw.");
            }
        }

        Wake();   // more waits: no sleep after this turn
    }

    private void ReceiveBatch(MonotonicTime now)
    {
        int slots = _socket.Receive();
        if (slots == 0) return;
        Counters.CountBatch();
        for (int slot = 0; slot < slots; slot++)
        {
            ReadOnlySpan<byte> rest = _socket.GetReceived(slot, out TransportAddress source, out int segmentBytes);
            Counters.CountReceived(Math.Max(1, SegmentsIn(rest.Length, segmentBytes)), rest.Length);
            do
            {
                ReadOnlySpan<byte> datagram = rest[..Math.Min(segmentBytes, rest.Length)];
                rest = rest[datagram.Length..];
                Dispatch(now, source, datagram);
            }
            while (!rest.IsEmpty);
        }

        if (!IsBlocked) _replies?.Flush(Counters);
    }

    private void Dispatch(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        AttachedMachine? attached = _machines[(int)DatagramClassifier.Classify(datagram)];
        if (attached is null)
        {
            Counters.CountForeign();
            return;
        }

        try
        {
            if (attached.Responder is { } responder && !IsBlocked) Respond(responder, now, source, datagram);
            else attached.Machine.HandleDatagram(now, source, datagram);
        }
#pragma warning disable CA1031 // whatever a machine throws is a bug of that machine: it goes, the others stay
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(attached, e);
            return;
        }

        if (++attached.InputsSinceDrain >= MaxInputsBeforeDrain) Drain(attached, now);
    }

    private void Respond(IDatagramResponder responder, MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        _replies ??= _socket.Replies;
        Span<byte> space = _replies is null ? _transmitBuffer : _replies.Space;
        int bytes = responder.Respond(now, source, datagram, space);
        if (bytes == 0) return;
        if (_replies is null)
        {
            (_unsent, _unsentStart) = (new Transmit(source, bytes), 0);
            SendHeld();
            return;
        }

        if (!_replies.TryAdd(source, bytes)) Counters.CountSendsDropped(1);
        if (_replies.Space.IsEmpty) _replies.Flush(Counters);
    }

    // Asking for a deadline may cost much: it is done once a turn, at its end. One that came nearer since ends the next sleep before it begins.
    private void RunTimers(AttachedMachine attached, MonotonicTime now)
    {
        if (attached.Due > now) return;
        try
        {
            if (attached.Machine.Deadline is { } due && due <= now) attached.Machine.HandleTimeout(now);
        }
#pragma warning disable CA1031 // see Dispatch
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(attached, e);
        }
    }

    private void DrainAll(MonotonicTime now)
    {
        if (_replies is { IsBlocked: true }) _replies.Flush(Counters);
        if (_unsentStart < _unsent.TotalBytes) SendHeld();
        foreach (AttachedMachine? attached in _machines)
        {
            if (attached is not null) Drain(attached, now);
        }
    }

    private void Drain(AttachedMachine attached, MonotonicTime now)
    {
        attached.InputsSinceDrain = 0;
        attached.HasMore = true;
        for (int i = 0; i < MaxTransmitsPerTurn && !IsBlocked; i++)
        {
            Transmit transmit;
            try
            {
                attached.HasMore = attached.Machine.PollTransmit(now, _transmitBuffer, out transmit);
                if (!attached.HasMore) return;
                ValidateRun(transmit);
            }
#pragma warning disable CA1031 // see Dispatch
            catch (Exception e)
#pragma warning restore CA1031
            {
                Fail(attached, e);
                return;
            }

            _unsent = transmit;
            _unsentStart = 0;
            SendHeld();
        }
    }

    private static void ValidateRun(Transmit transmit)
    {
        bool valid = transmit.TotalBytes is > 0 and <= TransmitBufferBytes && transmit.SegmentBytes > 0;
        if (!valid) throw new InvalidOperationException($"A machine asked for an impossible transmit: {transmit}.");
    }

    private void SendHeld()
    {
        Span<byte> rest = _transmitBuffer.AsSpan(_unsentStart, _unsent.TotalBytes - _unsentStart);
        _socket.SetMayFragment(_unsent.MayFragment);
        SendOutcome outcome = _socket.Send(_unsent.Destination, rest, _unsent.SegmentBytes, out int taken);
        Counters.CountSent(SegmentsIn(taken, _unsent.SegmentBytes), taken);
        _unsentStart += taken;
        if (outcome != SendOutcome.Dropped) return;
        Counters.CountSendsDropped(SegmentsIn(_unsent.TotalBytes - _unsentStart, _unsent.SegmentBytes));
        _unsentStart = _unsent.TotalBytes;
    }

    private static int SegmentsIn(int bytes, int segmentBytes) => bytes == 0 ? 0 : ((bytes - 1) / segmentBytes) + 1;

    private void Sleep()
    {
        MonotonicTime deadline = MonotonicTime.Never;
        bool hasMore = false;
        foreach (AttachedMachine? attached in _machines)
        {
            if (attached is null) continue;
            attached.Due = DeadlineOf(attached);
            if (attached.Due < deadline) deadline = attached.Due;
            hasMore |= attached.HasMore;
        }

        if (hasMore && !IsBlocked) return;
        long wait = deadline == MonotonicTime.Never ? -1 : Math.Max(0, deadline.Micros - Clock.Now.Micros);
        if (IsBlocked && wait >= 0) wait = Math.Max(wait, MinBlockedWaitMicros);
        if (wait == 0) return;
        if (Interlocked.CompareExchange(ref _state, Sleeping, Running) != Running) return;
        _socket.Wait(wait, IsBlocked);
    }

    private MonotonicTime DeadlineOf(AttachedMachine attached)
    {
        try
        {
            return attached.Machine.Deadline ?? MonotonicTime.Never;
        }
#pragma warning disable CA1031 // see Dispatch
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(attached, e);
            return MonotonicTime.Never;
        }
    }

    private void Fail(AttachedMachine attached, Exception error)
    {
        // A nested failure, of a machine that was already taken off in this turn, changes nothing.
        if (!Machines.Remove(attached.Kind, attached)) return;
        attached.HasMore = false;
        Counters.CountMachineFailed();
        _logger.LogError(error, "The {Kind} machine at {Address} threw and was taken off.", attached.Kind, LocalAddress);
        _machines = Machines.Snapshot;
        Tell(attached, error);
    }

    private void Tell(AttachedMachine attached, Exception reason)
    {
        try
        {
            attached.Faulted?.Invoke(reason);
        }
#pragma warning disable CA1031 // a callback that throws must not keep the others from being told
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.LogError(e, "The owner of the {Kind} machine threw when told of its end.", attached.Kind);
        }
    }

    private void Shutdown(Exception? failure)
    {
        Work.Close();
        Exception reason = failure ?? new ObjectDisposedException(nameof(DatagramEndpoint));
        foreach (AttachedMachine? attached in Machines.Close())
        {
            if (attached is not null) Tell(attached, reason);
        }

        _socket.Dispose();
        _hasEnded = true;
        _stopped.TrySetResult();
    }
}
