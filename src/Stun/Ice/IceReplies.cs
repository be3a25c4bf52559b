namespace CS3103P2P.Stun.Ice;

/// <summary>Answers to the peer's checks that wait to be sent.</summary>
internal sealed class IceReplies
{
    /// <summary>Most that wait; the peer repeats what is dropped.</summary>
    public const int MaxReplies = 16;

    private readonly Queue<IceReply> _waiting = new();

    public void Add(in IceReply reply)
    {
        if (_waiting.Count < MaxReplies) _waiting.Enqueue(reply);
    }

    /// <summary>Writes the next one, to the address that the check really came from; false when there is none.</summary>
    public bool TryWrite(Span<byte> buffer, out IceTransmit transmit)
    {
        transmit = default;
        if (!_waiting.TryDequeue(out IceReply reply)) return false;
        int bytes = reply.IsConflict
            ? IceCheckMessage.WriteRoleConflict(buffer, reply.Id, reply.Credentials.Hmac)
            : IceCheckMessage.WriteSuccess(buffer, reply.Id, reply.Destination, reply.Credentials.Hmac);
        transmit = new IceTransmit(reply.Path, reply.Destination, bytes);
        return true;
    }
}
