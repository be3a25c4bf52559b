namespace CS3103P2P.Stun;

/// <summary>Whether external ports have the numbers of the local ones (RFC 4787 §4.2.1).</summary>
public enum NatPortPreservation
{
    /// <summary>Not found out.</summary>
    Unknown = 0,

    /// <summary>There is no NAT.</summary>
    NotApplicable,

    /// <summary>Of every socket that was tried.</summary>
    Always,

    /// <summary>Of some.</summary>
    Sometimes,

    /// <summary>Of none.</summary>
    Never,
}
