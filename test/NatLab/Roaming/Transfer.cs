using System.Diagnostics;
using System.Text.Json;

namespace CS3103P2P.NatLab;

/// <summary>A download by the real console, watched from outside: when how much was verified, and by which way it came.</summary>
public sealed class Transfer
{
    /// <summary>A pause shorter than this is no interruption: chunks are verified whole.</summary>
    public static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(800);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly Process _program;
    private readonly string _source;
    private readonly string _target;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private readonly List<(TimeSpan At, long Bytes)> _growth = [(TimeSpan.Zero, 0)];
    private string? _way;

    internal Transfer(Process program, string source, string target)
    {
        (_program, _source, _target) = (program, source, target);
        Done = ReadAsync();
    }

    /// <summary>Time since the command was given.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>Ends with the program: its final event, or null when it gave up.</summary>
    public Task<string?> Done { get; }

    /// <summary>Bytes verified so far.</summary>
    public long VerifiedBytes
    {
        get
        {
            lock (_gate) return _growth[^1].Bytes;
        }
    }

    /// <summary>How the last bytes came: <c>utp</c>, <c>tcp</c>, <c>relay</c>; null before there are any.</summary>
    public string? Way
    {
        get
        {
            lock (_gate) return _way;
        }
    }

    /// <summary>Waits until something holds of the transfer.</summary>
    /// <exception cref="TimeoutException">It did not in time, or the program has ended before.</exception>
    public async Task WaitUntilAsync(Func<Transfer, bool> condition, TimeSpan patience, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        TimeSpan end = Now + patience;
        using var timer = new PeriodicTimer(Poll);
        while (!condition(this))
        {
            if (Now > end || Done.IsCompleted) throw new TimeoutException($"{what}: not within {patience.TotalSeconds:F0} s; {VerifiedBytes} bytes by {Way}, ended: {Done.IsCompleted}.");
            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Watches for a while how an event interrupts the transfer.</summary>
    /// <param name="at">When the event was, by <see cref="Now"/>.</param>
    /// <param name="watch">How long after it an interruption may begin or end.</param>
    /// <returns>How long after the event bytes came again; zero when there was no interruption.</returns>
    /// <exception cref="TimeoutException">None came within the time.</exception>
    public async Task<TimeSpan> MeasureRecoveryAsync(TimeSpan at, TimeSpan watch)
    {
        await WaitUntilAsync(_ => Now >= at + watch || Done.IsCompleted, watch + watch, "watching").ConfigureAwait(false);
        (TimeSpan Start, TimeSpan End) longest = default;
        lock (_gate)
        {
            TimeSpan before = _growth[0].At;
            foreach ((TimeSpan grown, _) in _growth)
            {
                if (grown > at && grown - before > longest.End - longest.Start) longest = (before, grown);
                before = grown;
            }

            if (!Done.IsCompleted && Now - before > longest.End - longest.Start) longest = (before, TimeSpan.MaxValue);
        }

        if (longest.End == TimeSpan.MaxValue) throw new TimeoutException($"No byte came for {(Now - longest.Start).TotalSeconds:F1} s.");
        return longest.End - longest.Start < ShortPause ? TimeSpan.Zero : longest.End - at;
    }

    /// <summary>Waits for the end and compares the files.</summary>
    /// <returns>The bytes by each way, such as <c>relay 12, utp 30</c> (MB).</returns>
    /// <exception cref="InvalidOperationException">The program gave up, or the files differ.</exception>
    public async Task<string> CompleteAsync(TimeSpan patience)
    {
        string done = await Done.WaitAsync(patience).ConfigureAwait(false) ?? throw new InvalidOperationException("The downloader gave up.");
        if (!MatrixPrograms.AreEqual(_source, _target)) throw new InvalidOperationException("The files differ.");
        using JsonDocument json = JsonDocument.Parse(done);
        var ways = json.RootElement.GetProperty("peers").EnumerateArray()
            .Select(peer => (Way: peer.GetProperty("way").GetString()!, Bytes: peer.GetProperty("verifiedBytes").GetInt64()));
        return string.Join(", ", ways.GroupBy(way => way.Way).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} {group.Sum(way => way.Bytes) / 1e6:F1} MB"));
    }

    private async Task<string?> ReadAsync()
    {
        await Task.Yield();
        while (await _program.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string name = json.RootElement.GetProperty("event").GetString()!;
            if (name == "done") return line;
            if (name == "progress") Note(json.RootElement);
        }

        return null;
    }

    private void Note(JsonElement progress)
    {
        long bytes = progress.GetProperty("verifiedBytes").GetInt64();
        lock (_gate)
        {
            if (bytes > _growth[^1].Bytes) _growth.Add((Now, bytes));
            if (progress.TryGetProperty("way", out JsonElement way)) _way = way.GetString();
        }
    }
}
