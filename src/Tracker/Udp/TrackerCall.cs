using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>One request on its way through the tracker, and the reply that comes of it.</summary>
internal ref struct TrackerCall
{
    /// <summary>When it came.</summary>
    public MonotonicTime Now { get; init; }

    /// <summary>Number of the socket that it came in by.</summary>
    public int SocketNumber { get; init; }

    /// <summary>Where it came from.</summary>
    public TransportAddress Source { get; init; }

    /// <summary>Its length.</summary>
    public int RequestBytes { get; init; }

    /// <summary>The request; a field, since it is large and read in place.</summary>
    public TrackerRequest Request;

    /// <summary>Whether its cookie shows that the sender receives at <see cref="Source"/>.</summary>
    public bool IsProven { get; set; }

    /// <summary>Whether the reply brings a new cookie.</summary>
    public bool WantsCookie { get; set; }

    /// <summary>Whether the sender understands extensions.</summary>
    public readonly bool IsExtended => Request.Extensions.Any;
}
