namespace CS3103P2P.Fuzz;

/// <summary>What must hold of anything that a parser accepted.</summary>
internal static class Check
{
    public static void That(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException(what);
    }
}
