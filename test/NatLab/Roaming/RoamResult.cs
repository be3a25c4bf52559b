using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary>How one transfer survived what was done to it.</summary>
/// <param name="Ways">How the bytes came.</param>
/// <param name="Recoveries">What was done when, and how long after it bytes came again.</param>
public sealed record RoamResult(string Ways, IReadOnlyList<(string Event, TimeSpan Recovery)> Recoveries)
{
    /// <summary>One line of the table.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Ways,-30} {string.Join("; ", Recoveries.Select(one => $"{one.Event} {one.Recovery.TotalSeconds:F2} s"))}");
}
