namespace CS3103P2P.Samples.Tracker;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>A line with the priority that systemd's journal reads.</summary>
    Systemd,
}
