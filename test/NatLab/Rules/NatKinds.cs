namespace CS3103P2P.NatLab;

/// <summary>Names of the kinds on command lines and in test reports, and what follows from a kind.</summary>
public static class NatKinds
{
    private static readonly (NatKind Kind, string Name)[] Names =
    [
        (NatKind.FullCone, "full-cone"), (NatKind.RestrictedCone, "restricted-cone"), (NatKind.PortRestricted, "port-restricted"),
        (NatKind.Linux, "linux"), (NatKind.Symmetric, "symmetric"), (NatKind.SymmetricAddress, "symmetric-addr"),
        (NatKind.SymmetricSequential, "symmetric-sequential"), (NatKind.Cgnat, "cgnat"), (NatKind.CgnatSymmetric, "cgnat-symmetric"),
        (NatKind.UdpBlocked, "udp-blocked"), (NatKind.Firewalled, "firewalled"), (NatKind.None, "public"),
    ];

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<NatKind> All { get; } = [.. Names.Select(entry => entry.Kind)];

    /// <summary>The kind's name, such as <c>port-restricted</c>.</summary>
    public static string NameOf(NatKind kind) => Names.First(entry => entry.Kind == kind).Name;

    /// <summary>Reads a name written by <see cref="NameOf"/>; <c>none</c> means the same as <c>public</c>.</summary>
    public static bool TryParse(string name, out NatKind kind)
    {
        int index = Array.FindIndex(Names, entry => entry.Name == (name == "none" ? "public" : name));
        kind = index < 0 ? default : Names[index].Kind;
        return index >= 0;
    }

    /// <summary>True when hosts own public addresses and the router only forwards.</summary>
    public static bool IsPublic(NatKind kind) => kind is NatKind.None or NatKind.Firewalled;

    /// <summary>What a carrier in front of the home does, for the two kinds which have one of their own.</summary>
    internal static NatKind? CarrierOf(NatKind kind) => kind switch
    {
        NatKind.Cgnat => NatKind.PortRestricted,
        NatKind.CgnatSymmetric => NatKind.Symmetric,
        _ => null,
    };
}
