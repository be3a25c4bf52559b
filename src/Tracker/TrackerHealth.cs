namespace CS3103P2P.Tracker;

/// <summary>Whether a tracker does all that it should.</summary>
/// <param name="IsReady">False while it answers from what it remembers alone.</param>
/// <param name="Description">Why, in words; holds no secret.</param>
public sealed record TrackerHealth(bool IsReady, string Description);
