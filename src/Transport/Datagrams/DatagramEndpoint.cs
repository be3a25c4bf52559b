using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>
/// One UDP socket and the loop that owns it: a dedicated thread that takes a batch of datagrams, hands each to the machine of its kind, runs the
/// timers that are due, sends what the machines have to send, and sleeps until the next event. It never waits for a consumer.
/// </summary>
/// <remarks>
/// Machines are called by the loop alone, so they need no locks; others reach a machine through <see cref="Post"/> and <see cref="InvokeAsync"/>.
/// A machine gets at most <see cref="MaxInputsBeforeDrain"/> datagrams before it is drained. All members are thread-safe.
/// </remarks>
public sealed class DatagramEndpoint : IAsyncDisposable
{
    /// <summary>How many datagrams a machine may be given, at most, before <see cref="IDatagramMachine.PollTransmit"/> is called until it returns false.</summary>
    public const int MaxInputsBeforeDrain = DatagramLoop.MaxInputsBeforeDrain;

    private readonly DatagramLoop _loop;
    private readonly Thread? _thread;   // null: the loop is stepped by hand

    private DatagramEndpoint(DatagramLoop loop, IHostNetwork network, TimeProvider timeProvider, bool isStepped)
    {
        _loop = loop;
        Network = network;
        TimeProvider = timeProvider;
        if (!isStepped) _thread = new Thread(loop.Run) { IsBackground = true, Name = "CS3103P2P datagrams" };
    }

    /// <summary>The bound address, with the port that the system picked where none was given.</summary>
    public TransportAddress LocalAddress => _loop.LocalAddress;

    /// <summary>The clock of all attached machines.</summary>
    public MonotonicClock Clock => _loop.Clock;

    /// <summary>Whether the caller runs on the loop.</summary>
    public bool IsOnLoop => _thread is null ? _loop.IsInTurn : Environment.CurrentManagedThreadId == _thread.ManagedThreadId;

    /// <summary>The machine that the socket is on.</summary>
    internal IHostNetwork Network { get; }

    /// <summary>The clock behind <see cref="Clock"/>, for timeouts.</summary>
    internal TimeProvider TimeProvider { get; }

    /// <summary>Binds a socket and starts its loop.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be bound: in use, not this machine's, not permitted.</exception>
    public static DatagramEndpoint Bind(DatagramEndpointOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Start(UdpSocketFactory.Bind(options), options.TimeProvider, options.Logger);
    }

    /// <summary>Counts since the start; each figure is exact, though they are not read at one moment.</summary>
    public DatagramStatistics GetStatistics() => _loop.Counters.Read();

    /// <summary>Gives a kind of datagram to a machine, which the loop owns from now on.</summary>
    /// <param name="kind">One machine a kind; <see cref="DatagramKind.Foreign"/> takes what is otherwise dropped.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="faulted">
    /// Called on the loop, once, when the machine was taken off without <see cref="Detach"/>: with what it threw, or with an
    /// <see cref="ObjectDisposedException"/> when the endpoint was disposed.
    /// </param>
    /// <exception cref="InvalidOperationException">The kind has a machine.</exception>
    /// <exception cref="ObjectDisposedException">The endpoint is disposed.</exception>
    public void Attach(DatagramKind kind, IDatagramMachine machine, Action<Exception>? faulted = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (!Enum.IsDefined(kind)) throw new ArgumentOutOfRangeException(nameof(kind));
        _loop.Machines.Add(new AttachedMachine(kind, machine, faulted));
        _loop.Wake();
    }

    /// <summary>Takes a machine off. The loop may still be inside it; <see cref="InvokeAsync"/> afterwards waits that out.</summary>
    public void Detach(DatagramKind kind) => _loop.Machines.Remove(kind);

    /// <summary>Runs an action on the loop, after those posted before it; then timers and drain.</summary>
    /// <exception cref="ObjectDisposedException">The endpoint is disposed.</exception>
    /// <exception cref="InvalidOperationException">A million actions are waiting already.</exception>
    public void Post(Action action) => ObjectDisposedException.ThrowIf(!TryPost(action), this);

    /// <summary>The same as <see cref="Post"/>, but false when the endpoint is disposed.</summary>
    public bool TryPost(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return TryAdd(new PostedAction(action));
    }

    /// <summary>Runs an action on the loop; the task ends when it has run.</summary>
    /// <returns>Fails with what the action threw, or with <see cref="ObjectDisposedException"/> when the endpoint was disposed first.</returns>
    public Task InvokeAsync(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return InvokeAsync(() =>
        {
            action();
            return true;
        });
    }

    /// <summary>Runs a function on the loop and brings back its result.</summary>
    /// <returns>Fails with what the function threw, or with <see cref="ObjectDisposedException"/> when the endpoint was disposed first.</returns>
    public Task<T> InvokeAsync<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var work = new InvokedFunction<T>(function);
        if (!TryAdd(work)) work.Abandon(new ObjectDisposedException(nameof(DatagramEndpoint)));
        return work.Task;
    }

    /// <summary>Makes the loop run timers and drain all machines soon. Cheap; harmless after disposal.</summary>
    public void Wake() => _loop.Wake();

    /// <summary>Hands a datagram that came another way, such as by a relay, to the machine of its kind. On the loop only.</summary>
    /// <param name="source">Whom the machine shall take for the sender.</param>
    /// <param name="datagram">The datagram; valid only during the call.</param>
    /// <exception cref="InvalidOperationException">The caller is not on the loop.</exception>
    public void Deliver(TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (!IsOnLoop) throw new InvalidOperationException("Datagrams are delivered on the loop only.");
        _loop.Deliver(source, datagram);
    }

    /// <summary>Stops the loop and closes the socket. What waits to run fails; machines are told by their <c>faulted</c> callbacks.</summary>
    public async ValueTask DisposeAsync()
    {
        _loop.RequestStop();
        if (!IsOnLoop) await _loop.Stopped.ConfigureAwait(false);
    }

    /// <summary>Starts a loop on any socket; for tests.</summary>
    internal static DatagramEndpoint Start(IDatagramSocket socket, TimeProvider timeProvider, ILogger logger)
    {
        var loop = new DatagramLoop(socket, new MonotonicClock(timeProvider), logger);
        var endpoint = new DatagramEndpoint(loop, SystemNetwork.Instance, timeProvider, isStepped: false);
        endpoint._thread!.Start();
        return endpoint;
    }

    /// <summary>Makes an endpoint without a thread, for a simulator, which calls <see cref="Step"/> when the socket was woken or a wait is over.</summary>
    internal static DatagramEndpoint CreateStepped(IDatagramSocket socket, IHostNetwork network, TimeProvider timeProvider, ILogger logger) =>
        new(new DatagramLoop(socket, new MonotonicClock(timeProvider), logger), network, timeProvider, isStepped: true);

    /// <summary>Runs one turn of a loop without a thread. It rests when the turn called <see cref="IDatagramSocket.Wait"/>; else it wants another.</summary>
    /// <returns>False once the loop has ended.</returns>
    internal bool Step() => _loop.Step();

    /// <summary>What is due now, for whoever wonders why the loop does not rest.</summary>
    internal string DescribeDue() => _loop.DescribeDue();

    private bool TryAdd(LoopWork work)
    {
        if (!_loop.Work.TryAdd(work)) return false;
        _loop.Wake();
        return true;
    }
}
