using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// Reaches a peer by TCP and uTP at once: the first that is through with TLS wins, the other is given up. TCP has a short head start, since it
/// costs less CPU where both work.
/// </summary>
internal sealed class PeerDialer(IPeerSecurity security, UtpTransport? utp, IHostNetwork network, TimeProvider timeProvider)
{
    private static readonly TimeSpan TcpHeadStart = TimeSpan.FromMilliseconds(200);

    // ICE reaches by UDP whatever can be reached, and its connections live on when addresses change.
    private static readonly TimeSpan IceHeadStart = TimeSpan.FromSeconds(2);

    /// <summary>Connects and checks who answers.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="expected">Who must answer; null accepts any.</param>
    /// <param name="besideIce">Whether ICE tries to reach the peer too, and uTP to a bare address is only for the case that it cannot.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">Neither way worked, or another peer answered.</exception>
    public async Task<TransportAttempt> DialAsync(TransportAddress address, PeerId? expected, bool besideIce, CancellationToken cancellationToken)
    {
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<TransportAttempt> tcp = AttemptAsync("tcp", () => network.ConnectTcpAsync(address, race.Token), expected, race.Token);
        if (utp is null) return await tcp.ConfigureAwait(false);
        Task<TransportAttempt> second = SecondAsync(tcp, utp, address, expected, besideIce, race.Token);
        Task<TransportAttempt> first = await Task.WhenAny(tcp, second).ConfigureAwait(false);
        Task<TransportAttempt> other = first == tcp ? second : tcp;
        bool isOver = first.IsCompletedSuccessfully || first.Exception?.InnerException is PeerAuthenticationException { Failure: PeerAuthenticationFailure.WrongPeer };
        if (!isOver)
        {
            try
            {
                return await other.ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException(e.Message, first.Exception?.InnerException, cancellationToken);
                return await first.ConfigureAwait(false);   // its reason, which came first, tells more
            }
        }

        await race.CancelAsync().ConfigureAwait(false);
        await DiscardAsync(other).ConfigureAwait(false);
        return await first.ConfigureAwait(false);
    }

    /// <summary>Connects by uTP alone, to an address that ICE made.</summary>
    /// <exception cref="IOException">It did not work, or another peer answered.</exception>
    public Task<TransportAttempt> DialUtpAsync(TransportAddress address, PeerId expected, CancellationToken cancellationToken) => utp is null
        ? throw new InvalidOperationException("uTP is off.")
        : AttemptAsync("utp", async () => await utp.ConnectAsync(address, cancellationToken).ConfigureAwait(false), expected, cancellationToken);

    private async Task<TransportAttempt> SecondAsync(
        Task tcp, UtpTransport transport, TransportAddress address, PeerId? expected, bool besideIce, CancellationToken cancellationToken)
    {
        if (besideIce) await Task.Delay(IceHeadStart, timeProvider, cancellationToken).ConfigureAwait(false);
        else await Task.WhenAny(tcp, Task.Delay(TcpHeadStart, timeProvider, cancellationToken)).ConfigureAwait(false);
        if (tcp.IsCompletedSuccessfully) cancellationToken = new CancellationToken(canceled: true);
        return await AttemptAsync(
            "utp", async () => await transport.ConnectAsync(address, cancellationToken).ConfigureAwait(false), expected, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TransportAttempt> AttemptAsync(
        string transport, Func<Task<Stream>> connect, PeerId? expected, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            Stream stream = await connect().ConfigureAwait(false);
            return new TransportAttempt(await security.AuthenticateAsClientAsync(stream, expected, cancellationToken).ConfigureAwait(false), transport);
        }
        catch (Exception e) when (e is SocketException or UtpException or ObjectDisposedException)
        {
            throw new IOException($"{transport}: {e.Message}", e);
        }
    }

    private static async Task DiscardAsync(Task<TransportAttempt> loser)
    {
        try
        {
            TransportAttempt late = await loser.ConfigureAwait(false);
            await late.Secured.Stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return;   // given up, as it should be
        }
    }
}
