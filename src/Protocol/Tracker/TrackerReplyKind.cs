namespace CS3103P2P.Protocol;

/// <summary>What a tracker says.</summary>
public enum TrackerReplyKind
{
    /// <summary><c>RESPONSE</c>: the answer.</summary>
    Response,

    /// <summary><c>ERROR</c>: refused, with a code and a reason.</summary>
    Error,

    /// <summary><c>CHALLENGE</c>: ask again with this cookie.</summary>
    Challenge,

    /// <summary><c>RENDEZVOUS</c>: a connection offer of another peer.</summary>
    Rendezvous,
}
