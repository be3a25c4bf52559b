using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary>How one transfer of a matrix went.</summary>
/// <param name="Sharer">Where the file was.</param>
/// <param name="Downloader">Where it went.</param>
/// <param name="Failure">Why it failed; null when every byte was verified.</param>
/// <param name="Ways">How the bytes came, most first: <c>utp</c>, <c>tcp</c>, <c>relay</c>.</param>
/// <param name="FirstByte">From the command to the first verified byte.</param>
/// <param name="Total">From the command to the last.</param>
public sealed record MatrixResult(
    NatKind Sharer, NatKind Downloader, string? Failure, IReadOnlyList<string> Ways, TimeSpan FirstByte, TimeSpan Total)
{
    /// <summary>The path in a word.</summary>
    public string Path => this switch
    {
        { Failure: not null } => "none",
        { Ways: ["relay"] } => "relay",
        { Ways: ["tcp"] } => "tcp",
        _ when Ways.Contains("relay") => "relay, then direct",
        _ => "direct",
    };

    /// <summary>One line of the table.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{NatKinds.NameOf(Sharer),-21}{NatKinds.NameOf(Downloader),-21}{Path,-20}{FirstByte.TotalSeconds,6:F2} s {Total.TotalSeconds,6:F2} s  {(Failure is null ? "done" : $"FAILED: {Failure}")}");
}
