using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// What a machine wants sent: one datagram, or a run of datagrams to one destination that stand back to back in the buffer,
/// each <see cref="SegmentBytes"/> long but for the last, which may be shorter. A run is one system call where the kernel
/// segments (UDP_SEGMENT).
/// </summary>
/// <param name="Destination">Where the datagrams go.</param>
/// <param name="TotalBytes">Bytes written to the buffer, in all.</param>
/// <param name="SegmentBytes">Bytes of each datagram; equal to <paramref name="TotalBytes"/> for a single one.</param>
public readonly record struct Transmit(TransportAddress Destination, int TotalBytes, int SegmentBytes)
{
    /// <summary>
    /// Whether the network may cut the datagram up: only for one that a path turned out too narrow for, and that cannot be made smaller.
    /// A socket that cannot do this sends it as any other.
    /// </summary>
    public bool MayFragment { get; init; }

    /// <summary>A single datagram.</summary>
    public Transmit(TransportAddress destination, int bytes)
        : this(destination, bytes, bytes)
    {
    }
}
