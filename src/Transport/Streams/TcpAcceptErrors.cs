using System.Net.Sockets;

namespace CS3103P2P.Transport;

/// <summary>What to do after a failed accept.</summary>
internal enum TcpAcceptVerdict
{
    /// <summary>One connection failed; the next may be good.</summary>
    NextAtOnce,

    /// <summary>The system is short of something; pause, then go on.</summary>
    NextAfterPause,

    /// <summary>The listener is closed.</summary>
    Closed,
}

/// <summary>Sorts the errors of accept(2): the one place that knows them.</summary>
internal static class TcpAcceptErrors
{
    // Linux hands pending network errors of the new connection to accept; they count as "try again" (accept(2), "Error handling").
    public static TcpAcceptVerdict Classify(SocketError error) => error switch
    {
        SocketError.OperationAborted or SocketError.NotSocket or SocketError.InvalidArgument or SocketError.Shutdown => TcpAcceptVerdict.Closed,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Interrupted or SocketError.WouldBlock or
            SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.HostUnreachable or
            SocketError.ProtocolOption or SocketError.OperationNotSupported or SocketError.TimedOut => TcpAcceptVerdict.NextAtOnce,
        _ => TcpAcceptVerdict.NextAfterPause,
    };
}
