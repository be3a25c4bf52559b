namespace CS3103P2P.Samples.Peer;

/// <summary>The command cannot be meant as it was given; ends with <see cref="ExitCodes.WrongUsage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
