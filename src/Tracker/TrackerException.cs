namespace CS3103P2P.Tracker;

/// <summary>The tracker could not start.</summary>
/// <param name="reason">Why, for the program.</param>
/// <param name="message">Why, and what helps, for a person.</param>
/// <param name="innerException">What was thrown below; null when nothing was.</param>
public sealed class TrackerException(TrackerErrorReason reason, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Why, for the program.</summary>
    public TrackerErrorReason Reason { get; } = reason;
}
