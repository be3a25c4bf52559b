using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>A planted bug of a relay: the refresh of an allocation ends its channels (RFC 8656 §7.3 leaves them alone), until the client binds them again.</summary>
internal sealed class ForgottenChannels
{
    private readonly HashSet<(TransportAddress Client, int Channel)> _bound = [];

    /// <summary>Whether what a client sent is to be lost.</summary>
    public bool Loses(TransportAddress client, byte[] datagram)
    {
        if (ChannelData.TryRead(datagram, out int channel, out _)) return !_bound.Contains((client, channel));
        if (!StunMessage.TryParse(datagram, out StunMessage message) || message.Class != StunClass.Request) return false;
        if (message.Method == StunMethod.Refresh) _bound.RemoveWhere(one => one.Client == client);
        if (message.Method == StunMethod.ChannelBind && message.TryGet(StunAttributeType.ChannelNumber, out ReadOnlySpan<byte> number) && number.Length >= sizeof(ushort))
            _bound.Add((client, BinaryPrimitives.ReadUInt16BigEndian(number)));
        return false;
    }
}
