using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.Bench.Load;

/// <summary>Keeps a window of requests under way, as one thread, and counts what comes back and how long it took.</summary>
internal sealed class LoadGenerator(UdpBatch socket, IWorkload workload, int window)
{
    public const int MaxWindow = 4_096;
    private const int HistogramMicros = 1_000_000;
    private const long LostAfterMillis = 250;
    private const double MinWarmUpSeconds = 0.3;
    private const double MaxWarmUpSeconds = 15;

    private readonly long[] _sentAt = new long[window];
    private readonly int[] _histogram = new int[HistogramMicros + 1];
    private long _turn;
    private long _replyBytes;
    private long _requestBytes;

    public long Replies { get; private set; }

    public long Lost { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Loads the server and prints what was seen.</summary>
    /// <param name="warmUpReplies">Replies that do not count, so that a server is as warm on a busy machine as on a quiet one.</param>
    /// <param name="seconds">Seconds that count.</param>
    /// <param name="serverId">The server's process, whose processor time is read; 0 for none.</param>
    public void Run(int warmUpReplies, double seconds, int serverId)
    {
        for (int number = 0; number < window; number++) Send(number);
        Spin(MinWarmUpSeconds);
        for (long started = Stopwatch.GetTimestamp(); Replies < warmUpReplies && Stopwatch.GetElapsedTime(started).TotalSeconds < MaxWarmUpSeconds;) Spin(MinWarmUpSeconds);
        Array.Clear(_histogram);
        (Replies, Lost, Refused, _replyBytes, _requestBytes, long turn) = (0, 0, 0, 0, 0, _turn);
        double cpuBefore = CpuSeconds(serverId);
        long begun = Stopwatch.GetTimestamp();
        Spin(seconds);
        double elapsed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        double cpu = CpuSeconds(serverId) - cpuBefore;
        Children.Print("rate", $"{Replies / elapsed}");
        Children.Print("cpu", $"{(serverId == 0 ? double.NaN : cpu / Math.Max(1, Replies) * 1e6)}");
        Children.Print("busy", $"{(serverId == 0 ? double.NaN : cpu / elapsed * 100)}");
        Children.Print("p50", $"{Percentile(0.5)}");
        Children.Print("p99", $"{Percentile(0.99)}");
        Children.Print("p999", $"{Percentile(0.999)}");
        Children.Print("max", $"{Percentile(1)}");
        Children.Print("lost", $"{Lost}");
        Children.Print("refused", $"{Refused}");
        Children.Print("request", $"{_requestBytes / Math.Max(1, _turn - turn)}");
        Children.Print("reply", $"{_replyBytes / Math.Max(1, Replies)}");
    }

    /// <summary>Seconds of processor time that a process has used, by proc(5); 0 when it is gone.</summary>
    public static double CpuSeconds(int process)
    {
        const int UserTimeField = 11, TicksPerSecond = 100;   // counted after the closing bracket of the name; USER_HZ
        string path = $"/proc/{process}/stat";
        if (process == 0 || !File.Exists(path)) return 0;
        string text = File.ReadAllText(path);
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        double ticks = double.Parse(fields[UserTimeField], CultureInfo.InvariantCulture) + double.Parse(fields[UserTimeField + 1], CultureInfo.InvariantCulture);
        return ticks / TicksPerSecond;
    }

    private void Spin(double seconds)
    {
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        long nextLook = 0;
        while (true)
        {
            int count = socket.Receive();
            long now = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++) Take(now, socket.Received(i));
            if (now >= nextLook || count == 0) nextLook = ReplaceLost(now);
            socket.Flush();
            if (now >= end) return;
        }
    }

    private void Take(long now, ReadOnlySpan<byte> reply)
    {
        int number = workload.NumberOf(reply);
        if (number < 0 || number >= window)
        {
            Refused++;
            return;
        }

        double micros = Stopwatch.GetElapsedTime(_sentAt[number], now).TotalMicroseconds;
        _histogram[(int)Math.Clamp(micros, 0, HistogramMicros)]++;   // a late reply to a request that was asked again may seem to come before it
        Replies++;
        _replyBytes += reply.Length;
        Send(number);
    }

    private long ReplaceLost(long now)
    {
        long limit = LostAfterMillis * Stopwatch.Frequency / 1_000;
        for (int number = 0; number < window; number++)
        {
            if (now - _sentAt[number] < limit) continue;
            Lost++;
            _histogram[(int)Math.Min(LostAfterMillis * 1_000, HistogramMicros)]++;
            Send(number);
        }

        return now + (limit / 4);
    }

    private void Send(int number)
    {
        int bytes = workload.Write(number, _turn++, socket.Next);
        _requestBytes += bytes;
        socket.Add(bytes);
        _sentAt[number] = Stopwatch.GetTimestamp();
    }

    private double Percentile(double part)
    {
        long wanted = (long)Math.Ceiling(_histogram.Sum(count => (long)count) * part);
        long seen = 0;
        for (int micros = 0; micros < _histogram.Length; micros++)
        {
            seen += _histogram[micros];
            if (seen >= wanted) return micros;
        }

        return HistogramMicros;
    }
}
