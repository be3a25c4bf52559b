using System.Globalization;

namespace CS3103P2P.Samples;

/// <summary>Sizes, rates and times for people.</summary>
internal static class Units
{
    private static readonly string[] Prefixes = ["", "Ki", "Mi", "Gi", "Ti"];

    public static string Bytes(double bytes)
    {
        int power = 0;
        while (bytes >= 1024 && power < Prefixes.Length - 1)
        {
            bytes /= 1024;
            power++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#} {Prefixes[power]}B");
    }

    public static string Rate(double bytesPerSecond) => $"{Bytes(bytesPerSecond)}/s";

    public static string Time(TimeSpan? span) => span switch
    {
        null => "--:--",
        { TotalHours: >= 1 } long_ => long_.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
        { } short_ => short_.ToString(@"mm\:ss", CultureInfo.InvariantCulture),
    };
}
