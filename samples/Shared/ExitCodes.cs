namespace CS3103P2P.Samples;

/// <summary>What the console tells the program that started it.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int Interrupted = 130;
}
