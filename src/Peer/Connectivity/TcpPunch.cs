using System.Net.Sockets;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// For networks that let no UDP through: both sides learn by STUN over TCP how a port of theirs looks from outside, tell each other by the tracker, and connect
/// from that port at the same time. Each one's SYN opens its own NAT for the other's. A relay serves meanwhile. Thread-safe.
/// </summary>
/// <param name="connections">Takes what comes of it.</param>
/// <param name="security">Proves who is there.</param>
/// <param name="network">Gives ports.</param>
/// <param name="findServer">A STUN server that is asked over TCP; null when there is none.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where to log.</param>
internal sealed class TcpPunch(
    PeerConnections connections, IPeerSecurity security, IHostNetwork network, Func<CancellationToken, Task<TransportAddress?>> findServer,
    TimeProvider timeProvider, ILogger logger)
{
    private const int MaxAttempts = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(150);

    private readonly MonotonicClock _clock = new(timeProvider);
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, TaskCompletionSource<TransportAddress>> _attempts = [];
    private readonly TcpPunchWishes _wishes = new();

    /// <summary>Attempts under way: each has a socket.</summary>
    public int AttemptCount
    {
        get
        {
            lock (_gate) return _attempts.Count;
        }
    }

    /// <summary>Begins to reach a peer that this node wants; harmless while that is under way. Does not block.</summary>
    public void Start(PeerId peer, IceOfferSender send)
    {
        Begin(peer, send);

        // The first attempt may be over before the peer knows us by the relay.
        lock (_gate) _wishes.Put(_clock.Now, new TcpPunchWish(peer, send, null));
    }

    /// <summary>Takes an offer of a peer. Does not block.</summary>
    public void Handle(RendezvousOffer offer, IceOfferSender send)
    {
        if (TcpPunchOffer.TryRead(offer, out TransportAddress address)) Handle(new TcpPunchWish(offer.From, send, address));
    }

    /// <summary>
    /// Takes a peer's wish to connect. Anybody may utter one in anybody's name, so it costs no socket before that peer has proven on a connection, such as one
    /// by the relay, who it is; until then it is remembered for a while. Does not block.
    /// </summary>
    public void Handle(TcpPunchWish wish)
    {
        lock (_gate)
        {
            if (_attempts.TryGetValue(wish.Peer, out TaskCompletionSource<TransportAddress>? present))
            {
                if (wish.Address is { } theirs) present.TrySetResult(theirs);
                return;
            }

            _wishes.Put(_clock.Now, wish);
        }

        if (connections.IsConnected(wish.Peer)) Fulfil(wish.Peer);
    }

    /// <summary>Takes note of a connection with a peer that has proven who it is.</summary>
    public void HandleAdopted(PeerConnection connection) => Fulfil(connection.RemoteId);

    private void Fulfil(PeerId peer)
    {
        TcpPunchWish? wish;
        lock (_gate) wish = _wishes.Take(_clock.Now, peer);
        if (wish is null) return;
        TaskCompletionSource<TransportAddress>? attempt = Begin(peer, wish.Send);
        if (wish.Address is { } theirs) attempt?.TrySetResult(theirs);
    }

    // Null when there are too many attempts.
    private TaskCompletionSource<TransportAddress>? Begin(PeerId peer, IceOfferSender send)
    {
        lock (_gate)
        {
            if (_attempts.TryGetValue(peer, out TaskCompletionSource<TransportAddress>? present)) return present;
            if (_attempts.Count == MaxAttempts || peer == security.Id || connections.HasTcp(peer)) return null;
            var theirs = new TaskCompletionSource<TransportAddress>(TaskCreationOptions.RunContinuationsAsynchronously);
            _attempts.Add(peer, theirs);
            _ = RunAsync(peer, send, theirs.Task);
            return theirs;
        }
    }

    private async Task RunAsync(PeerId peer, IceOfferSender send, Task<TransportAddress> theirs)
    {
        await Task.Yield();
        try
        {
            using var limit = new CancellationTokenSource(Limit, timeProvider);
            if (await findServer(limit.Token).ConfigureAwait(false) is not { } server) return;
            using TcpPort port = network.OpenTcpPort();
            using Stream toServer = await port.ConnectAsync(server, limit.Token).ConfigureAwait(false);   // stays open, so that the NAT keeps the port
            if (await StunStreamQuery.AskAsync(toServer, limit.Token).ConfigureAwait(false) is not { } ours) return;
            logger.LogDebug("TCP with {Peer}: our port is seen as {Address}.", peer.ToShortString(), ours);
            if (!await send(peer, TcpPunchOffer.Encode(ours), limit.Token).ConfigureAwait(false)) return;
            TransportAddress remote = await theirs.WaitAsync(limit.Token).ConfigureAwait(false);
            Stream stream = await ConnectAsync(port, remote, limit.Token).ConfigureAwait(false);
            await AdoptAsync(peer, remote, stream, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            logger.LogDebug("No direct TCP with {Peer}: {Reason}", peer.ToShortString(), e.Message);
        }
        finally
        {
            lock (_gate) _attempts.Remove(peer);
        }
    }

    // A NAT may refuse what comes too early; the next try is in time.
    private async Task<Stream> ConnectAsync(TcpPort port, TransportAddress remote, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var oneTry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                oneTry.CancelAfter(TryLimit);
                return await port.ConnectAsync(remote, oneTry.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(RetryPause, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Neither side has accepted the other: the smaller id begins.
    private async Task AdoptAsync(PeerId peer, TransportAddress remote, Stream stream, CancellationToken cancellationToken)
    {
        SecuredStream secured = IsSmaller(security.Id, peer)
            ? await security.AuthenticateAsClientAsync(stream, peer, cancellationToken).ConfigureAwait(false)
            : await security.AuthenticateAsServerAsync(stream, cancellationToken).ConfigureAwait(false);
        if (!connections.Counter.TryEnter(remote))
        {
            await secured.Stream.DisposeAsync().ConfigureAwait(false);
            return;
        }

        if (connections.TryAdopt(secured, remote, "tcp") is not null) return;
        connections.Counter.Leave(remote);
        await secured.Stream.DisposeAsync().ConfigureAwait(false);
    }

    private static bool IsSmaller(PeerId one, PeerId other)
    {
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        Span<byte> others = stackalloc byte[PeerId.SizeInBytes];
        one.CopyTo(bytes);
        other.CopyTo(others);
        return bytes.SequenceCompareTo(others) < 0;
    }
}
