namespace CS3103P2P.Protocol;

/// <summary>The first word of a message to the tracker.</summary>
public enum TrackerVerb
{
    /// <summary><c>REQUEST</c>: one of the seven flags of the original document.</summary>
    Request,

    /// <summary><c>REFRESH</c>: keeps the sender's lease, and the way through its NAT, alive.</summary>
    Refresh,

    /// <summary><c>RENDEZVOUS</c>: hands a connection offer to another peer.</summary>
    Rendezvous,
}
