namespace CS3103P2P.Stun;

/// <summary>A client with its allocation, or why there is none; one of the two is null.</summary>
/// <param name="Client">The client; the caller's to dispose.</param>
/// <param name="Failure">Why there is none.</param>
public readonly record struct TurnAllocateResult(TurnClient? Client, TurnFailure? Failure);
