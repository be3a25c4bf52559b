namespace CS3103P2P.Samples.Tracker;

/// <summary>A setting has a value that it cannot have; the message names all such settings, one a line.</summary>
internal sealed class SettingsException(string message) : Exception(message);
