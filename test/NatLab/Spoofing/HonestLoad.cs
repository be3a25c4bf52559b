using System.Diagnostics;

namespace CS3103P2P.NatLab;

/// <summary>What honest peers ask while others flood: lookups, registrations and literal questions, one after the other.</summary>
internal sealed class HonestLoad(HonestPeer peer, HonestPeer plain, string file, string ownerId)
{
    private const int MaxChanges = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly List<double> _millis = [];
    private readonly List<string> _changes = [];

    public int Asked { get; private set; }

    public int Unanswered { get; private set; }

    public double MedianMillis => _millis.Count == 0 ? double.NaN : _millis.Order().ElementAt(_millis.Count / 2);

    public double WorstMillis => _millis.Count == 0 ? double.NaN : _millis.Max();

    /// <summary>Replies that were not what they would be without the flood; the first few.</summary>
    public IReadOnlyList<string> Changes => _changes;

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Pause);
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            (Task<string?> asking, string expected) = (turn % 3) switch
            {
                0 => (peer.AskAsync($"REQUEST 1 {file}"), $"{file} 1-512,600 "),
                1 => (peer.AskAsync($"REQUEST 4 mine-{turn} - - peer={peer.Id} chunks=1-9"), "RESPONSE OK"),
                _ => (plain.AskLiterallyAsync($"REQUEST 7 {file}"), $"RESPONSE {file}"),
            };
            Asked++;
            long sent = Stopwatch.GetTimestamp();
            string? reply = await asking.ConfigureAwait(false);
            if (reply is null) Unanswered++;
            else _millis.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            bool isWrong = reply is not null && (!reply.Contains(expected, StringComparison.Ordinal) || (turn % 3 == 0 && !reply.Contains($"peer={ownerId}", StringComparison.Ordinal)));
            if (isWrong && _changes.Count < MaxChanges) _changes.Add($"turn {turn}: {reply}");
            await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
