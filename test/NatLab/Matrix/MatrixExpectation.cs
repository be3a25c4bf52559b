namespace CS3103P2P.NatLab;

/// <summary>What two homes can do at best, as measured with kernel NATs (docs/nat-traversal.md).</summary>
/// <param name="IsDirect">Whether a direct path can be had.</param>
/// <param name="Limit">By when it must be there; a relay may serve until then.</param>
public sealed record MatrixExpectation(bool IsDirect, TimeSpan Limit)
{
    private static readonly TimeSpan Punching = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Birthday = TimeSpan.FromSeconds(15);

    /// <summary>What to expect of two homes.</summary>
    public static MatrixExpectation Of(NatKind one, NatKind other)
    {
        NatKind[] both = [one, other];
        if (both.Contains(NatKind.UdpBlocked)) return both.Any(ChangesPorts) ? OfBlockedAndChanging(both) : new(true, Punching);
        if (both.All(ChangesPorts)) return new(false, default);
        if (!both.Any(ChangesPorts) || both.Any(LetsInAnyPort)) return new(true, Punching);
        return new(true, both.Contains(NatKind.SymmetricSequential) ? Punching : Birthday);
    }

    /// <summary>Whether the direct path is found by guessing, while a relay serves.</summary>
    public bool TakesTime => IsDirect && Limit == Birthday;

    // TCP crosses where both ports are known; ports that change for each destination are not.
    private static MatrixExpectation OfBlockedAndChanging(NatKind[] both) => new(both.Contains(NatKind.None), Punching);

    private static bool ChangesPorts(NatKind kind) =>
        kind is NatKind.Symmetric or NatKind.SymmetricAddress or NatKind.SymmetricSequential or NatKind.CgnatSymmetric;

    private static bool LetsInAnyPort(NatKind kind) => kind is NatKind.FullCone or NatKind.RestrictedCone or NatKind.None;
}
