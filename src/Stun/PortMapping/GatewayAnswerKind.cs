namespace CS3103P2P.Stun.PortMapping;

/// <summary>Which question a <see cref="GatewayAnswer"/> answers.</summary>
internal enum GatewayAnswerKind
{
    /// <summary>Nothing of ours.</summary>
    None = 0,

    /// <summary>The router does not speak this protocol.</summary>
    WrongVersion,

    /// <summary>The question whether it is there; also what a router says unasked when it has restarted.</summary>
    Probe,

    /// <summary>A request for a mapping or for its removal.</summary>
    Map,
}
