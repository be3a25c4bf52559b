namespace CS3103P2P.Tracker.Registry;

/// <summary>Another tracker, whose registrants this one serves from memory too.</summary>
/// <param name="Id">Its id, drawn anew at each of its starts.</param>
internal sealed record RegistryOrigin(Guid Id);
