using System.Security.Cryptography;
using System.Threading.Channels;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun.Mapper;

/// <summary>Runs a <see cref="PortMappingAgent"/> against one router with real sockets and HTTP, in one loop.</summary>
internal sealed class PortMapperSession(MappingPlan plan, TimeProvider timeProvider, ILogger logger, Action<PortMappingStatus> publish)
{
    private const int MaxQueuedInputs = 256;
    private const int SendBytes = 1500;
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(5);
    private readonly MonotonicClock _clock = new(timeProvider);

    // Full means that the loop is behind: receivers wait, the kernel drops.
    private readonly Channel<MapperInput> _inputs = Channel.CreateBounded<MapperInput>(MaxQueuedInputs);

    /// <summary>Tells what a STUN server sees.</summary>
    public void ReportReflexiveAddress(TransportAddress address) => _inputs.Writer.TryWrite(new MapperInput.Reflexive(address));

    /// <summary>Maps until <paramref name="stop"/>, then removes what it mapped, waiting two seconds at most.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">No socket could be opened on our address.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var sockets = new MapperSockets(plan, logger);
        using var http = new UpnpHttpClient(timeProvider);
        using var ended = new CancellationTokenSource();
        var agent = new PortMappingAgent(plan, NewNonce, _clock.Now, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
        var timer = timeProvider.CreateTimer(_ => _inputs.Writer.TryWrite(new MapperInput.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var background = new List<Task> { sockets.ReceiveAsync(_inputs.Writer.WriteAsync, ended.Token) };
        try
        {
            using CancellationTokenRegistration registration = stop.Register(() => _inputs.Writer.TryWrite(new MapperInput.Stop()));
            await LoopAsync(agent, sockets, http, timer, background, stop, ended.Token).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static PcpNonce NewNonce()
    {
        Span<byte> bytes = stackalloc byte[PcpNonce.SizeInBytes];
        RandomNumberGenerator.Fill(bytes);
        return new PcpNonce(bytes);
    }

    private async Task LoopAsync(
        PortMappingAgent agent,
        MapperSockets sockets,
        UpnpHttpClient http,
        ITimer timer,
        List<Task> background,
        CancellationToken stop,
        CancellationToken ended)
    {
        byte[] buffer = new byte[SendBytes];
        MonotonicTime? releaseBy = null;
        while (true)
        {
            MonotonicTime now = _clock.Now;
            if (releaseBy is null && stop.IsCancellationRequested)
            {
                agent.Release(now);
                releaseBy = now + ReleaseTimeout;
            }

            if (agent.Deadline <= now) agent.HandleTimeout(now);
            while (agent.PollTransmit(now, buffer, out Transmit transmit)) sockets.Send(buffer.AsSpan(0, transmit.TotalBytes), transmit.Destination);
            while (agent.PollHttp() is { } request)
            {
                background.RemoveAll(task => task.IsCompleted);
                background.Add(FetchAsync(http, request, ended));
            }

            publish(agent.Status);
            if (agent.IsReleased || releaseBy <= now) return;
            timer.Change(SleepFrom(now, MonotonicTime.Earlier(agent.Deadline, releaseBy)), Timeout.InfiniteTimeSpan);
            Handle(agent, await _inputs.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false));
        }
    }

    private void Handle(PortMappingAgent agent, MapperInput input)
    {
        switch (input)
        {
            case MapperInput.Datagram datagram:
                agent.HandleDatagram(_clock.Now, datagram.Source, datagram.Bytes);
                break;
            case MapperInput.Http answer:
                agent.HandleHttp(_clock.Now, answer.Id, answer.Status, answer.Body);
                break;
            case MapperInput.Reflexive reflexive:
                agent.HandleReflexiveAddress(reflexive.Address);
                break;
        }
    }

    private static TimeSpan SleepFrom(MonotonicTime now, MonotonicTime? deadline)
    {
        TimeSpan sleep = deadline is { } due && due < now + LongestSleep ? due.Since(now) : LongestSleep;
        return sleep < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : sleep;
    }

    private async Task FetchAsync(UpnpHttpClient http, UpnpRequest request, CancellationToken ended)
    {
        (int status, byte[] body) = await http.SendAsync(request, ended).ConfigureAwait(false);
        await _inputs.Writer.WriteAsync(new MapperInput.Http(request.Id, status, body), ended).ConfigureAwait(false);
    }
}
