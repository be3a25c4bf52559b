namespace CS3103P2P.Stun.Ice;

/// <summary>The two roles of RFC 8445 §6.1.1.</summary>
public enum IceRole
{
    /// <summary>Nominates; whoever wanted the connection.</summary>
    Controlling,

    /// <summary>Follows the nomination.</summary>
    Controlled,
}
