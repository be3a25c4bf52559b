namespace CS3103P2P.Stun.PortMapping;

/// <summary>A response of a PCP server (RFC 6887 §7.2).</summary>
/// <param name="Opcode"><see cref="PcpCodec.OpcodeAnnounce"/>, <see cref="PcpCodec.OpcodeMap"/> or another.</param>
/// <param name="Result">Why, when it is not a success.</param>
/// <param name="LifetimeSeconds">Of the mapping; of the error when it is one.</param>
/// <param name="EpochSeconds">How long the server has kept its state.</param>
/// <param name="Map">The mapping, in a response to MAP.</param>
internal readonly record struct PcpResponse(byte Opcode, PcpResultCode Result, uint LifetimeSeconds, uint EpochSeconds, PcpMap Map);
