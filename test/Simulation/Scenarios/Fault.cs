using System.Globalization;

namespace CS3103P2P.Simulation;

/// <summary>Something that goes wrong, and for how long.</summary>
/// <param name="Kind">What.</param>
/// <param name="Peer">Index of the peer; of no meaning for the tracker.</param>
/// <param name="At">When.</param>
/// <param name="Lasts">How long.</param>
internal sealed record Fault(FaultKind Kind, int Peer, TimeSpan At, TimeSpan Lasts)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds,6:F2} s  {Kind} of p{Peer} for {Lasts.TotalSeconds:F2} s");
}
