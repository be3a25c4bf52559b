namespace CS3103P2P.Samples.Tracker;

/// <summary>What the console logs.</summary>
internal static partial class RunLog
{
    [LoggerMessage(200, LogLevel.Information, "Reading the settings again.")]
    public static partial void Reading(ILogger logger);

    [LoggerMessage(201, LogLevel.Error, "The settings were changed, but cannot be used; the old ones stay. {Reason}")]
    public static partial void SettingsRejected(ILogger logger, string reason);

    [LoggerMessage(202, LogLevel.Warning, "Of the changed settings only the limits (without literalLease) are taken over; the others need a restart.")]
    public static partial void NeedsRestart(ILogger logger);
}
