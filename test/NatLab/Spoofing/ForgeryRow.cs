namespace CS3103P2P.NatLab;

/// <summary>A line of the table of <see cref="SpoofResult"/>.</summary>
/// <param name="Name">What was sent; or whose sum it is.</param>
/// <param name="Limit">What the victim may get.</param>
/// <param name="SentDatagrams">Sent in the victim's name.</param>
/// <param name="SentBytes">Their payload.</param>
/// <param name="ReceivedBytes">What the victim got, payload again; null when nobody was there to count.</param>
/// <param name="AllowedBytes">What it may get; null for anything.</param>
public sealed record ForgeryRow(string Name, ForgeryLimit Limit, int SentDatagrams, long SentBytes, long? ReceivedBytes, long? AllowedBytes)
{
    /// <summary>Whether the victim got more than it may.</summary>
    public bool IsTooMuch => ReceivedBytes > AllowedBytes;
}
