using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Connectivity;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Transfers;

/// <summary>
/// The wish of a peer to be dialled, passed on by the tracker: when both dial at the same time, each one's packets open its own NAT for the
/// other's (simultaneous open). Answers by dialling; few at a time, since anybody may send offers.
/// </summary>
internal sealed class PunchOffer(PeerConnections connections, TimeProvider timeProvider, ILogger logger)
{
    private const int MaxDials = 8;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);
    private int _dialling;

    /// <summary>The offer; its version.</summary>
    public static ReadOnlyMemory<byte> Bytes { get; } = "dial/1"u8.ToArray();

    /// <summary>Whether an offer is one of these.</summary>
    public static bool IsOne(RendezvousOffer offer) => offer.Offer.Span.SequenceEqual(Bytes.Span);

    /// <summary>Takes an offer. Does not block.</summary>
    public void Handle(RendezvousOffer offer)
    {
        if (Interlocked.Increment(ref _dialling) <= MaxDials) _ = DialAsync(offer);
        else Interlocked.Decrement(ref _dialling);
    }

    private async Task DialAsync(RendezvousOffer offer)
    {
        await Task.Yield();
        try
        {
            using var bounded = new CancellationTokenSource(Timeout, timeProvider);
            ConnectOutcome outcome = await connections.GetAsync(offer.SeenAt, offer.From, besideIce: false, bounded.Token).ConfigureAwait(false);
            if (outcome.Failure is { } failure) connections.Report(failure with { IsAskedByPeer = true });
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            logger.LogDebug("{Address} asked to be dialled and could not be reached.", offer.SeenAt);
        }
        finally
        {
            Interlocked.Decrement(ref _dialling);
        }
    }
}
