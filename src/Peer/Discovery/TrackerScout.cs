using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>Asks trackers that are not in use, over the same socket and one at a time. It registers nothing with them.</summary>
internal sealed class TrackerScout(DatagramEndpoint endpoint, PeerId self) : IDatagramMachine, IDisposable
{
    private const string NoShare = "is-this-tracker-alive";

    private readonly TrackerClientMachine _machine = new(self, new Random(endpoint.Network.Chance.Next())) { IsQuick = true };
    private readonly SemaphoreSlim _turn = new(1, 1);
    private (TrackerExchange Exchange, TaskCompletionSource Ended)? _asked;   // touched on the loop alone

    /// <summary>Whether a tracker answers.</summary>
    public Task<bool> AnswersAsync(TransportAddress tracker, CancellationToken cancellationToken) =>
        AskAsync(tracker, new TrackerExchange(TrackerExchangeKind.Find) { Name = NoShare }, cancellationToken);

    /// <summary>Asks a tracker one thing; false when it does not answer, or refuses.</summary>
    public async Task<bool> AskAsync(TransportAddress tracker, TrackerExchange exchange, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            endpoint.Post(() =>
            {
                _asked = (exchange, ended);
                _machine.SetTracker(endpoint.Clock.Now, tracker);
                _machine.Start(endpoint.Clock.Now, exchange);
            });
            try
            {
                await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                endpoint.TryPost(() => _machine.Cancel(exchange));
                throw;
            }

            return exchange.Status == TrackerExchangeStatus.Answered;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public MonotonicTime? Deadline => _machine.Deadline;

    /// <inheritdoc/>
    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (source != _machine.Tracker) return;
        _machine.HandleDatagram(now, source, datagram);
        TakeResults();
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        _machine.HandleTimeout(now);
        TakeResults();
    }

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit) => _machine.PollTransmit(now, buffer, out transmit);

    /// <summary>Ends who still waits.</summary>
    public void Dispose() => endpoint.TryPost(() => _asked?.Ended.TrySetCanceled());

    private void TakeResults()
    {
        while (_machine.TryTakeEnded(out TrackerExchange? exchange))
        {
            if (_asked is { } asked && asked.Exchange == exchange) asked.Ended.TrySetResult();
        }
    }
}
