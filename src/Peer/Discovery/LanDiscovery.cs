using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Discovery;

/// <summary>
/// Finds peers on the local network by mDNS and DNS-SD (RFC 6762, RFC 6763) as <c>_cs3103p2p._udp.local</c>, beside any other responder of
/// the machine. It tells who is there; what a peer shares is asked of the peer itself. Thread-safe.
/// </summary>
public sealed class LanDiscovery : IAsyncDisposable
{
    private const int MaxQueuedInputs = 256;

    // The system does not tell when an interface that had its address before becomes usable, so we must look.
    private static readonly TimeSpan LinkCheckInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LinkRetryInterval = TimeSpan.FromSeconds(1);

    private readonly LanDiscoveryOptions _options;
    private readonly ILogger _logger;
    private readonly string _label;
    private readonly MonotonicClock _clock;
    private readonly LanSockets _sockets;
    private readonly Random _random = new(RandomNumberGenerator.GetInt32(int.MaxValue));

    // Full means that the loop is behind: receivers wait, the kernel drops.
    private readonly Channel<LanInput> _inputs = Channel.CreateBounded<LanInput>(MaxQueuedInputs);
    private readonly Dictionary<uint, (MdnsLink Link, MdnsMachine Machine)> _links = [];
    private readonly LanPeerTable _table = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _buffer = new byte[MdnsMachine.MaxSendBytes];
    private IReadOnlyCollection<LanPeer> _peers = [];
    private string _instanceName;
    private MonotonicTime _checkLinksAt;
    private Task _run = Task.CompletedTask;
    private int _disposed;

    private LanDiscovery(LanDiscoveryOptions options)
    {
        _options = options;
        _logger = options.Logger ?? NullLogger.Instance;
        _instanceName = _label = options.InstanceName ?? options.PeerId.ToShortString();
        _clock = new MonotonicClock(options.TimeProvider);
        _sockets = new LanSockets(_logger);
    }

    /// <summary>The peers that are here now, ourselves excluded. A snapshot.</summary>
    public IReadOnlyCollection<LanPeer> Peers => Volatile.Read(ref _peers);

    /// <summary>The name under which we are announced; differs from the option when another host had it.</summary>
    public string InstanceName => Volatile.Read(ref _instanceName);

    /// <summary>Whether mDNS works here at all: false when the system lets nobody share UDP port 5353.</summary>
    public bool IsActive => _sockets.IsOpen;

    /// <summary>Opens the sockets and starts to look; completes before the first answer.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static Task<LanDiscovery> StartAsync(LanDiscoveryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Port, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Port, ushort.MaxValue, nameof(options));
        if (options.InstanceName is { } name && Encoding.UTF8.GetByteCount(name) is 0 or > DnsName.MaxLabelBytes)
            throw new ArgumentException("An instance name has 1 to 63 UTF-8 bytes.", nameof(options));
        var discovery = new LanDiscovery(options);
        if (!discovery.IsActive) discovery._logger.LogWarning("No discovery on the local network: UDP port 5353 cannot be shared");
        NetworkChange.NetworkAddressChanged += discovery.OnNetworkChanged;
        NetworkChange.NetworkAvailabilityChanged += discovery.OnNetworkChanged;
        discovery._run = Task.Run(discovery.RunAsync, CancellationToken.None);
        return Task.FromResult(discovery);
    }

    /// <summary>Says goodbye to the network (RFC 6762 §10.1) and closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        NetworkChange.NetworkAvailabilityChanged -= OnNetworkChanged;
        await _stop.CancelAsync().ConfigureAwait(false);
        _inputs.Writer.TryWrite(new LanInput.Tick());
        await _run.ConfigureAwait(false);
        _sockets.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var ended = new CancellationTokenSource();
        ITimer timer = _options.TimeProvider.CreateTimer(_ => _inputs.Writer.TryWrite(new LanInput.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Task receive = _sockets.ReceiveAsync(_inputs.Writer.WriteAsync, ended.Token);
        try
        {
            _checkLinksAt = _clock.Now;
            while (!_stop.IsCancellationRequested)
            {
                MonotonicTime now = _clock.Now;
                if (_checkLinksAt <= now) CheckLinks(now);
                MonotonicTime? deadline = _checkLinksAt;
                foreach ((MdnsLink link, MdnsMachine machine) in _links.Values)
                {
                    now = _clock.Now; // sending takes time, and the next probe shall be a full interval after this one
                    if (machine.Deadline <= now) machine.HandleTimeout(now);
                    Drain(now, link, machine);
                    deadline = MonotonicTime.Earlier(deadline, machine.Deadline);
                }

                timer.Change(SleepFrom(now, deadline), Timeout.InfiniteTimeSpan);
                Handle(await _inputs.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false));
            }

            foreach ((MdnsLink link, MdnsMachine machine) in _links.Values) Leave(link, machine);
        }
        catch (Exception failure)
        {
            _logger.LogError(failure, "Discovery on the local network has ended");
            throw;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await receive.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static TimeSpan SleepFrom(MonotonicTime now, MonotonicTime? deadline)
    {
        TimeSpan sleep = deadline is { } due && due < now + LinkCheckInterval ? due.Since(now) : LinkCheckInterval;
        return sleep < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : sleep;
    }

    private void Handle(LanInput input)
    {
        if (input is LanInput.LinksChanged) _checkLinksAt = _clock.Now;
        if (input is not LanInput.Datagram datagram) return;
        if (_links.TryGetValue(datagram.InterfaceIndex, out (MdnsLink Link, MdnsMachine Machine) entry)) entry.Machine.HandleDatagram(_clock.Now, datagram.Source, datagram.Bytes);
    }

    private void CheckLinks(MonotonicTime now)
    {
        if (!LanInterfaces.TryFind(_options.UseLoopback, _logger, out IReadOnlyList<MdnsLink> found))
        {
            _checkLinksAt = now + LinkRetryInterval;
            return;
        }

        _checkLinksAt = now + LinkCheckInterval;
        foreach ((MdnsLink link, MdnsMachine machine) in _links.Values)
        {
            if (found.Any(other => IsSame(other, link))) continue;
            _logger.LogDebug("mDNS leaves interface {Index}", link.InterfaceIndex);
            _links.Remove(link.InterfaceIndex);
            Leave(link, machine);
            foreach (LanPeer peer in _table.EntriesOf(link.InterfaceIndex)) Apply(link, new MdnsEvent(peer, IsLost: true));
        }

        foreach (MdnsLink link in found)
        {
            if (_links.ContainsKey(link.InterfaceIndex)) continue;
            _logger.LogDebug("mDNS enters interface {Index} as {Addresses}", link.InterfaceIndex, string.Join(", ", link.Addresses));
            _sockets.Join(link);
            string? label = _options.Announce ? _label : null;
            _links[link.InterfaceIndex] = (link, new MdnsMachine(_options.PeerId, (ushort)_options.Port, label, link, now, _random));
        }
    }

    private static bool IsSame(MdnsLink left, MdnsLink right) => left.InterfaceIndex == right.InterfaceIndex && left.Prefixes.SequenceEqual(right.Prefixes);

    private void Leave(MdnsLink link, MdnsMachine machine)
    {
        machine.Release();
        Drain(_clock.Now, link, machine);
    }

    private void Drain(MonotonicTime now, MdnsLink link, MdnsMachine machine)
    {
        while (machine.PollTransmit(now, _buffer, out MdnsTransmit transmit)) _sockets.Send(link, transmit.Destination, _buffer.AsSpan(0, transmit.Bytes));
        while (machine.PollEvent(out MdnsEvent happened)) Apply(link, happened);
        if (machine.IsEstablished && machine.Label is { } label && label != _instanceName) Volatile.Write(ref _instanceName, label);
    }

    private void Apply(MdnsLink link, MdnsEvent happened)
    {
        if (!_table.Apply(link.InterfaceIndex, happened.Peer, happened.IsLost, out LanPeer? present)) return;
        Volatile.Write(ref _peers, _table.Snapshot());
        if (present is null) _options.OnPeerLost?.Invoke(happened.Peer);
        else _options.OnPeerFound?.Invoke(present);
    }

    private void OnNetworkChanged(object? sender, EventArgs e) => _inputs.Writer.TryWrite(new LanInput.LinksChanged());
}
