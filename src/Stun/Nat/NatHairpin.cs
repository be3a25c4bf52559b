namespace CS3103P2P.Stun;

/// <summary>Whether two programs behind one NAT reach each other at its public address (RFC 4787 §6).</summary>
public enum NatHairpin
{
    /// <summary>Not found out.</summary>
    Unknown = 0,

    /// <summary>There is no NAT.</summary>
    NotApplicable,

    /// <summary>They do.</summary>
    Works,

    /// <summary>They do not.</summary>
    Fails,
}
