using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>What became of a send.</summary>
internal enum SendOutcome
{
    /// <summary>All went out.</summary>
    Sent,

    /// <summary>The kernel's buffer is full; wait until the socket is writable.</summary>
    WouldBlock,

    /// <summary>The system refused the rest: no route, too big, not permitted. It counts as lost on the way.</summary>
    Dropped,
}

/// <summary>
/// One UDP socket without a policy: the seam between <see cref="DatagramEndpoint"/> and the operating system.
/// All members but <see cref="Wake"/> are called by one thread. Network errors are values; only a closed socket throws.
/// </summary>
internal interface IDatagramSocket : IDisposable
{
    /// <summary>The bound address.</summary>
    TransportAddress LocalAddress { get; }

    /// <summary>What it is, for the log.</summary>
    string Description { get; }

    /// <summary>Waits until a datagram arrives, <see cref="Wake"/> is called, or the time is over.</summary>
    /// <param name="timeoutMicros">0 or more; -1 for ever.</param>
    /// <param name="untilWritable">Also return when the socket can send again.</param>
    void Wait(long timeoutMicros, bool untilWritable);

    /// <summary>Ends a <see cref="Wait"/>, the present or the next. Thread-safe; harmless after disposal.</summary>
    void Wake();

    /// <summary>Takes a bounded batch of what has arrived, without waiting; the number of slots that <see cref="GetReceived"/> shows.</summary>
    int Receive();

    /// <summary>One slot of the batch: one datagram, or several from one source back to back, each <paramref name="segmentBytes"/> long but the last.</summary>
    ReadOnlySpan<byte> GetReceived(int slot, out TransportAddress source, out int segmentBytes);

    /// <summary>Says whether what is sent from now on may be cut up on the way (<see cref="Transmit.MayFragment"/>). At first it may not.</summary>
    void SetMayFragment(bool allowed);

    /// <summary>Sends datagrams that stand back to back, each <paramref name="segmentBytes"/> long but the last, which may be shorter.</summary>
    /// <param name="destination">Where they go.</param>
    /// <param name="payload">At least one byte, or empty for one empty datagram.</param>
    /// <param name="segmentBytes">At least 1.</param>
    /// <param name="bytesTaken">How much went out before a <see cref="SendOutcome.WouldBlock"/>; always whole segments.</param>
    SendOutcome Send(TransportAddress destination, ReadOnlySpan<byte> payload, int segmentBytes, out int bytesTaken);

    /// <summary>Replies that leave together; null where the system sends one at a time.</summary>
    LinuxReplyBatch? Replies => null;
}
