namespace CS3103P2P.Transport.Tests.Utp;

/// <summary>What a network does to datagrams in one direction. Probabilities are 0 to 1; all may change while a test runs.</summary>
internal sealed class VirtualLink(Random random)
{
    private double _busyUntil;

    public double Loss { get; set; }

    public double Duplication { get; set; }

    public double Reordering { get; set; }

    public double BitFlips { get; set; }

    public double Truncation { get; set; }

    public long LatencyMicros { get; set; } = 10_000;

    /// <summary>Extra delay of a reordered datagram.</summary>
    public long ReorderMicros { get; set; } = 5_000;

    /// <summary>Larger datagrams vanish, unless they may be fragmented.</summary>
    public int Mtu { get; set; } = int.MaxValue;

    /// <summary>0 for no limit.</summary>
    public double BytesPerSecond { get; set; }

    public double QueueSeconds { get; set; } = 0.5;

    /// <summary>Drops a datagram for which it returns true.</summary>
    public Func<byte[], bool>? Drop { get; set; }

    public int Lost { get; private set; }

    /// <summary>Yields each copy of a datagram that arrives, and when.</summary>
    public IEnumerable<(long At, byte[] Datagram)> Send(long nowMicros, byte[] datagram, bool mayFragment)
    {
        bool vanishes = (datagram.Length > Mtu && !mayFragment) || Drop?.Invoke(datagram) == true || random.NextDouble() < Loss;
        if (vanishes)
        {
            Lost++;
            yield break;
        }

        double departs = nowMicros;
        if (BytesPerSecond > 0)
        {
            departs = Math.Max(_busyUntil, nowMicros);
            if (departs - nowMicros > QueueSeconds * 1e6)
            {
                Lost++;
                yield break;
            }

            departs += datagram.Length * 1e6 / BytesPerSecond;
            _busyUntil = departs;
        }

        int copies = random.NextDouble() < Duplication ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            long extra = random.NextDouble() < Reordering ? random.NextInt64(ReorderMicros) : 0;
            yield return ((long)departs + LatencyMicros + extra, Damage(datagram));
        }
    }

    private byte[] Damage(byte[] datagram)
    {
        byte[] copy = [.. datagram];
        if (random.NextDouble() < Truncation) Array.Resize(ref copy, random.Next(copy.Length));
        if (copy.Length > 0 && random.NextDouble() < BitFlips) copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
        return copy;
    }
}
