using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Hands the ChannelData that reaches a socket to the TURN client whose server sent it. Owned by the socket's loop.</summary>
public sealed class TurnChannelRouter : IDatagramMachine
{
    /// <summary>Most clients at a time.</summary>
    public const int MaxClients = 16;

    private TurnClientMachine[] _clients = [];

    /// <summary>Null: the clients' timers run as agents of the multiplexer.</summary>
    public MonotonicTime? Deadline => null;

    /// <summary>Adds a client; false when there are too many.</summary>
    public bool TryAttach(TurnClientMachine client)
    {
        if (_clients.Length == MaxClients) return false;
        _clients = [.. _clients, client];
        return true;
    }

    /// <summary>Takes a client off; harmless when it is not there.</summary>
    public void Detach(TurnClientMachine client) => _clients = [.. _clients.Where(c => c != client)];

    /// <summary>Fails every client: the socket is gone.</summary>
    public void Abort(MonotonicTime now)
    {
        foreach (TurnClientMachine client in _clients) client.Abort(now);
    }

    /// <inheritdoc/>
    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        foreach (TurnClientMachine client in _clients)
        {
            if (client.HandleChannelData(now, source, datagram)) return;
        }
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
    }

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        return false;
    }
}
