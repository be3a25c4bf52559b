namespace CS3103P2P.Simulation;

/// <summary>How a NAT picks the outside port of a mapping (RFC 4787 §4.2.1).</summary>
internal enum PortAssignment
{
    /// <summary>The inside port, where it is free.</summary>
    Preserving,

    /// <summary>One after another.</summary>
    Sequential,

    /// <summary>Any.</summary>
    Random,
}
