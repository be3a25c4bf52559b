using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Mapper;
using CS3103P2P.Stun.PortMapping;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Stun.Diagnosis;

/// <summary>Finds out by which protocols the router would open ports, with the first question of each; none is opened.</summary>
internal sealed class RouterProbe
{
    private const int MaxQueuedInputs = 256;
    private const int SendBytes = 1500;
    private const ushort ControlPort = 5351;
    private const ushort UnusedPort = 9;   // would be mapped, if anything was
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TransportAddress SsdpGroup = new(IPAddress.Parse("239.255.255.250"), 1900);

    private readonly MonotonicClock _clock;
    private readonly Channel<MapperInput> _inputs = Channel.CreateBounded<MapperInput>(MaxQueuedInputs);
    private readonly IMappingMachine[] _machines;
    private readonly UpnpMachine _upnp;

    private RouterProbe(MappingPlan plan, TimeProvider timeProvider)
    {
        _clock = new MonotonicClock(timeProvider);
        var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        MonotonicTime now = _clock.Now;
        _upnp = new UpnpMachine(plan, now, random);
        _machines =
        [
            new GatewayMachine(new PcpWire(plan.Client.WithPort(0), plan.Port, default, default), plan.Gateway, plan, now, random),
            new GatewayMachine(new NatPmpWire(plan.Port), plan.Gateway, plan, now, random),
            _upnp,
        ];
    }

    /// <summary>Asks the default router; empty when there is none.</summary>
    public static async Task<IReadOnlyList<NatPortMappingReport>> RunAsync(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (GatewayFinder.Find() is not { } route) return [];
        var plan = new MappingPlan
        {
            Client = route.Client.WithPort(UnusedPort),
            Gateway = route.Gateway.WithPort(ControlPort),
            SsdpGroup = SsdpGroup,
            MapTcp = false,
            Lifetime = TimeSpan.FromMinutes(2),
            Description = "CS3103P2P",
        };
        var probe = new RouterProbe(plan, timeProvider);
        try
        {
            await probe.AskAsync(plan, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return [];   // the address went away between finding and using it
        }

        return [.. probe._machines.Select(Report)];
    }

    // A router that refuses has answered too.
    private static NatPortMappingReport Report(IMappingMachine machine)
    {
        bool isOpen = machine.Phase == MappingPhase.Available;
        PortMappingFailure failure = isOpen ? PortMappingFailure.None : machine.Failure == PortMappingFailure.None ? PortMappingFailure.NoAnswer : machine.Failure;
        bool answers = isOpen || failure is not (PortMappingFailure.NoAnswer or PortMappingFailure.Unsupported);
        return new NatPortMappingReport(machine.Protocol, answers, failure, machine.ExternalAddress);
    }

    private async Task AskAsync(MappingPlan plan, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var sockets = new MapperSockets(plan, NullLogger.Instance);
        using var http = new UpnpHttpClient(timeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var background = new List<Task> { sockets.ReceiveAsync(_inputs.Writer.WriteAsync, limit.Token) };
        try
        {
            await LoopAsync(sockets, http, background, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Whoever has not answered by now does not speak the protocol.
        }
        finally
        {
            await limit.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LoopAsync(MapperSockets sockets, UpnpHttpClient http, List<Task> background, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[SendBytes];
        while (_machines.Any(machine => machine.Phase == MappingPhase.Probing))
        {
            MonotonicTime now = _clock.Now;
            foreach (IMappingMachine machine in _machines)
            {
                if (machine.Phase != MappingPhase.Probing) continue;
                if (machine.Deadline <= now) machine.HandleTimeout(now);
                while (machine.PollTransmit(now, buffer, out Transmit transmit)) sockets.Send(buffer.AsSpan(0, transmit.TotalBytes), transmit.Destination);
            }

            if (_upnp.PollHttp() is { } request) background.Add(FetchAsync(http, request, cancellationToken));
            MonotonicTime? next = _machines.Where(machine => machine.Phase == MappingPhase.Probing).Select(machine => machine.Deadline).Aggregate((MonotonicTime?)null, MonotonicTime.Earlier);
            await WaitAsync(next, cancellationToken).ConfigureAwait(false);
            while (_inputs.Reader.TryRead(out MapperInput? input)) Handle(input);
        }
    }

    private async Task WaitAsync(MonotonicTime? next, CancellationToken cancellationToken)
    {
        TimeSpan sleep = next is { } due ? due.Since(_clock.Now) : Patience;
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        wake.CancelAfter(sleep < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : sleep);
        try
        {
            await _inputs.Reader.WaitToReadAsync(wake.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A deadline has come.
        }
    }

    private void Handle(MapperInput input)
    {
        MonotonicTime now = _clock.Now;
        if (input is MapperInput.Http answer) _upnp.HandleHttp(now, answer.Id, answer.Status, answer.Body);
        if (input is not MapperInput.Datagram datagram) return;
        foreach (IMappingMachine machine in _machines) machine.HandleDatagram(now, datagram.Source, datagram.Bytes);
    }

    private async Task FetchAsync(UpnpHttpClient http, UpnpRequest request, CancellationToken cancellationToken)
    {
        (int status, byte[] body) = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await _inputs.Writer.WriteAsync(new MapperInput.Http(request.Id, status, body), cancellationToken).ConfigureAwait(false);
    }
}
