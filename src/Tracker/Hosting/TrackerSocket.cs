using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>One UDP port of the tracker. STUN is answered on it too, since a peer that shares the port loses nothing by asking here.</summary>
internal sealed class TrackerSocket : IAsyncDisposable
{
    private const int MaxSocketsPerPort = 16;

    private readonly DatagramEndpoint _endpoint;

    private TrackerSocket(DatagramEndpoint endpoint) => _endpoint = endpoint;

    /// <summary>The bound address.</summary>
    public TransportAddress LocalAddress => _endpoint.LocalAddress;

    /// <summary>What went through it. Thread-safe.</summary>
    public DatagramStatistics Statistics => _endpoint.GetStatistics();

    /// <summary>Binds the port once for each processor, where the system can divide the senders among several sockets (Linux), and starts to answer.</summary>
    /// <exception cref="SocketException">The port cannot be bound.</exception>
    public static List<TrackerSocket> BindShared(
        DatagramEndpointOptions options, TrackerCore core, Lock gate, MonotonicClock clock, TrackerMeter meter, Func<TransportAddress, bool> admitStun)
    {
        int count = OperatingSystem.IsLinux() ? Math.Min(Environment.ProcessorCount, MaxSocketsPerPort) : 1;
        if (count == 1) return [Bind(options, core, gate, clock, meter, admitStun)];

        // A shared port could be shared with another tracker by mistake too: so it must be free first.
        TransportAddress local = ProbePort(options);
        var sockets = new List<TrackerSocket>();
        for (int i = 0; i < count; i++)
        {
            var shared = new DatagramEndpointOptions
            {
                LocalAddress = local, TimeProvider = options.TimeProvider, Logger = options.Logger, AllowFragments = options.AllowFragments, SharePort = true,
            };
            sockets.Add(Bind(shared, core, gate, clock, meter, admitStun));
        }

        return sockets;
    }

    private static TransportAddress ProbePort(DatagramEndpointOptions options)
    {
        using Socket probe = SocketBinder.Bind(options.LocalAddress, SocketType.Dgram, ProtocolType.Udp, options.Logger);
        return options.LocalAddress.WithPort((ushort)((IPEndPoint)probe.LocalEndPoint!).Port);
    }

    /// <summary>Binds the port and starts to answer.</summary>
    /// <param name="options">Where, clock and log.</param>
    /// <param name="core">The tracker, which all sockets share.</param>
    /// <param name="gate">Held whenever the tracker is at work.</param>
    /// <param name="clock">The tracker's clock, which is none of the socket's.</param>
    /// <param name="meter">Takes the times of replies.</param>
    /// <param name="admitStun">Says whether a STUN request from a source is answered.</param>
    public static TrackerSocket Bind(
        DatagramEndpointOptions options, TrackerCore core, Lock gate, MonotonicClock clock, TrackerMeter meter, Func<TransportAddress, bool> admitStun)
    {
        DatagramEndpoint endpoint = DatagramEndpoint.Bind(options);
        var machine = new GatedMachine(core.AddSocket(), gate, clock, endpoint.Clock, meter);
        endpoint.Attach(DatagramKind.Tracker, machine);
        foreach (DatagramKind kind in (ReadOnlySpan<DatagramKind>)[DatagramKind.Foreign, DatagramKind.Utp, DatagramKind.TurnChannel])
        {
            endpoint.Attach(kind, new InputOnly(machine));
        }

        endpoint.Attach(DatagramKind.Stun, new StunResponderMachine(new StunResponder(), admit: admitStun));
        return new TrackerSocket(endpoint);
    }

    /// <summary>Makes the socket send what waits.</summary>
    public void Wake() => _endpoint.Wake();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _endpoint.DisposeAsync();

    /// <summary>Lets the loops of several sockets share one tracker, one at a time and by one clock.</summary>
    private sealed class GatedMachine(TrackerMachine machine, Lock gate, MonotonicClock clock, MonotonicClock endpointClock, TrackerMeter meter) : IDatagramResponder
    {
        private readonly TimeSpan _offset = endpointClock.Now - clock.Now;
        private MonotonicTime? _batchCameAt;

        public MonotonicTime? Deadline
        {
            get
            {
                lock (gate) return machine.Deadline + _offset;
            }
        }

        public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
        {
            _batchCameAt ??= now;
            lock (gate) machine.HandleDatagram(now - _offset, source, datagram);
        }

        public int Respond(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram, Span<byte> reply)
        {
            _batchCameAt ??= now;
            lock (gate) return machine.Respond(now - _offset, source, datagram, reply);
        }

        public void HandleTimeout(MonotonicTime now)
        {
            lock (gate) machine.HandleTimeout(now - _offset);
        }

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            lock (gate)
            {
                if (machine.PollTransmit(now - _offset, buffer, out transmit)) return true;
            }

            if (_batchCameAt is { } came)
            {
                meter.RecordBatch(endpointClock.Now - came);
                _batchCameAt = null;
            }

            return false;
        }
    }

    /// <summary>Brings whatever else arrives to the tracker too, which answers it with an error; the replies leave by the other machine.</summary>
    private sealed class InputOnly(GatedMachine machine) : IDatagramResponder
    {
        public MonotonicTime? Deadline => null;

        public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram) => machine.HandleDatagram(now, source, datagram);

        public int Respond(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram, Span<byte> reply) => machine.Respond(now, source, datagram, reply);

        public void HandleTimeout(MonotonicTime now)
        {
        }

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            transmit = default;
            return false;
        }
    }
}
