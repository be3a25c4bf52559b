using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Drives a TURN client over a UDP socket that it shares with other protocols.</summary>
internal sealed class TurnUdpConnection(StunClient stun, TurnClientMachine machine) : TurnConnection
{
    private readonly DatagramEndpoint _endpoint = stun.Endpoint;

    /// <summary>Attaches the machine to the socket; false when the socket is closed or has too many agents.</summary>
    public async Task<bool> TryAttachAsync()
    {
        try
        {
            return await _endpoint.InvokeAsync(Attach).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return false;   // the socket was closed meanwhile: a value, not a fault
        }
    }

    public override bool TryInvoke(Action<MonotonicTime> action) => _endpoint.TryPost(() => action(_endpoint.Clock.Now));

    public override ValueTask DisposeAsync()
    {
        _endpoint.TryPost(Detach);
        return ValueTask.CompletedTask;
    }

    private bool Attach()
    {
        if (!stun.TurnChannels.TryAttach(machine)) return false;
        if (stun.Multiplexer.TryAttach(machine)) return true;
        stun.TurnChannels.Detach(machine);
        return false;
    }

    private void Detach()
    {
        stun.Multiplexer.Detach(machine);
        stun.TurnChannels.Detach(machine);
    }
}
