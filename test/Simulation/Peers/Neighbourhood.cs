namespace CS3103P2P.Simulation;

/// <summary>The servers that peers know.</summary>
/// <param name="Tracker">The tracker.</param>
/// <param name="Stun">A STUN server beside the tracker's own.</param>
/// <param name="Relay">The relay that the tracker tells of; null for none.</param>
internal sealed record Neighbourhood(VirtualTracker Tracker, VirtualStunServer Stun, VirtualRelay? Relay);
