using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>One end of a uTP stream, as the judge looks at it.</summary>
internal sealed class UtpEnd(UtpStream stream)
{
    public TransportAddress RemoteAddress => stream.RemoteAddress;

    /// <summary>Bytes that the other end acknowledged.</summary>
    public long AcknowledgedBytes => stream.Connection.Outgoing.ReleasedPosition;

    /// <summary>Bytes that have come, in order.</summary>
    public long ArrivedBytes => stream.Connection.Incoming.WrittenPosition;

    /// <summary>Whether this end still takes what comes.</summary>
    public bool IsTaking => stream.CanRead && stream.CloseReason == UtpCloseReason.None;
}
