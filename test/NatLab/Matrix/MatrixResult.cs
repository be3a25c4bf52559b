using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary>How one transfer of a matrix went. Times count from the start of the downloader's process, unless they say otherwise.</summary>
/// <param name="Sharer">Where the file was.</param>
/// <param name="Downloader">Where it went.</param>
/// <param name="Failure">Why it failed; null when every byte was verified.</param>
public sealed record MatrixResult(NatKind Sharer, NatKind Downloader, string? Failure)
{
    /// <summary>The kinds of ways in the order in which they were taken: <c>direct</c>, <c>tcp</c>, <c>relay</c>.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The first verified byte; null when none came.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>The same, from the moment on at which the program had started and began to ask.</summary>
    public TimeSpan? FirstByteOfJob { get; init; }

    /// <summary>When data went no more by the relay, from the moment on at which the program had started; null when it always did.</summary>
    public TimeSpan? Direct { get; init; }

    /// <summary>The last byte.</summary>
    public TimeSpan Total { get; init; }

    /// <summary>Whether it was ended when data flowed on a direct path, before all of it had come.</summary>
    public bool IsCut { get; init; }

    /// <summary>What was to be expected.</summary>
    public MatrixExpectation Expected => MatrixExpectation.Of(Sharer, Downloader);

    /// <summary>The path in a word or three.</summary>
    public string Path => this switch
    {
        { Failure: not null } or { Paths: [] } => "none",
        { Direct: null } => "relay",
        { Paths: ["relay", ..] } => $"relay, then {Paths[^1]}",
        _ => Paths[^1],
    };

    /// <summary>Whether the path is as good as it can be, in time.</summary>
    public bool IsAsExpected => Failure is null && (!Expected.IsDirect || Direct <= Expected.Limit);

    /// <summary>The head of the table whose lines <see cref="ToString"/> makes.</summary>
    public static string Header { get; } =
        $"{"SHARER",-21}{"DOWNLOADER",-21}{"PATH",-20}{"EXPECTED",-10}{"AS EXPECTED",-12}{"1ST BYTE",9}{"OF JOB",9}{"DIRECT",9}{"ALL",9}";

    /// <summary>One line of the table.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{NatKinds.NameOf(Sharer),-21}{NatKinds.NameOf(Downloader),-21}{Path,-20}{(Expected.IsDirect ? "direct" : "relay"),-10}{(IsAsExpected ? "yes" : "NO"),-12}{Text(FirstByte),9}{Text(FirstByteOfJob),9}{Text(Direct),9}{Text(Total),9}{(Failure is null ? null : $"  FAILED: {Failure}")}");

    private static string Text(TimeSpan? time) => time is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalSeconds:F2} s") : "-";
}
