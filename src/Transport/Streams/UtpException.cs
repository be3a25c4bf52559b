namespace CS3103P2P.Transport;

/// <summary>Says why a uTP connection failed. It is the inner exception of the <see cref="IOException"/> that a stream throws.</summary>
public sealed class UtpException : Exception
{
    /// <summary>Makes an exception without a reason.</summary>
    public UtpException()
    {
    }

    /// <summary>Makes an exception without a reason.</summary>
    public UtpException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception without a reason.</summary>
    public UtpException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception with a reason.</summary>
    public UtpException(UtpCloseReason reason)
        : base(Describe(reason)) => Reason = reason;

    /// <summary>Why the connection ended.</summary>
    public UtpCloseReason Reason { get; }

    internal static IOException ToIOException(UtpCloseReason reason) => new(Describe(reason), new UtpException(reason));

    private static string Describe(UtpCloseReason reason) => reason switch
    {
        UtpCloseReason.Reset => "The peer reset the uTP connection.",
        UtpCloseReason.TimedOut => "The peer of the uTP connection does not answer.",
        UtpCloseReason.Aborted => "The uTP connection was aborted.",
        UtpCloseReason.TransportClosed => "The uTP transport was closed.",
        UtpCloseReason.TooManyConnections => "There are too many uTP connections.",
        UtpCloseReason.Damaged => "Packets of the uTP connection were damaged on the way; it cannot go on.",
        _ => "The uTP connection has ended.",
    };
}
