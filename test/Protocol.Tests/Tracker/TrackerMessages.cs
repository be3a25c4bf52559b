namespace CS3103P2P.Protocol.Tests.Tracker;

/// <summary>Valid messages from which the fuzz tests start.</summary>
internal static class TrackerMessages
{
    private static readonly string Id = new('a', 64);

    public static IReadOnlyList<string> Requests { get; } =
    [
        "REQUEST 1 test.txt",
        "REQUEST 3 test.txt 17 203.0.113.5 6881",
        "REQUEST 4 203.0.113.5 6881 f 1|f 2|g%20h 3| id=7",
        "REQUEST 4 test.txt 1 [2001:db8::17]:6881",
        "REQUEST 5 203.0.113.5",
        "REQUEST 6 id=1 page=5-0-1",
        $"REQUEST 4 a%2Cb - - id=1 cookie=0123456789abcdef peer={Id} chunks=1-512,600 size=99 chunk=2048 root={Id} kind=file lease=9 unlisted=1 cand=10.0.0.1:5",
        $"REFRESH peer={Id} lease=120 id=5 address=203.0.113.5:6881",
        $"RENDEZVOUS to={Id} peer={Id} offer=aGVsbG8 id=3 cookie=0123456789abcdef",
    ];

    public static IReadOnlyList<string> Replies { get; } =
    [
        "RESPONSE test.txt 1 203.0.113.5 6881|test.txt 2 203.0.113.6 6881|",
        "RESPONSE ",
        "RESPONSE a.txt, b.txt",
        "RESPONSE Not Found",
        $"RESPONSE test.txt 1-512,600 203.0.113.5 6881 peer={Id} cand=10.0.0.1:5|test.txt - 2001:db8::1 1| size=9 chunk=2048 root={Id} kind=directory peers=2 id=1 next=5-0-1",
        $"RESPONSE OK lease=120 address=[2001:db8::1]:5 files=3 id=1 cookie=0123456789abcdef",
        "ERROR 400 the flag must be a digit id=7",
        "CHALLENGE cookie=0123456789abcdef id=1",
        $"RENDEZVOUS peer={Id} address=203.0.113.5:6881 offer=aGVsbG8",
    ];

    /// <summary>A copy with some bytes changed, added, removed or repeated.</summary>
    public static byte[] Mutate(Random random, byte[] message)
    {
        var bytes = new List<byte>(message);
        for (int changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.Insert(at, (byte)" |=,%-.:0a"[random.Next(10)]); break;
                case 2: bytes.RemoveAt(at); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(30), bytes.Count - at))); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }

        return [.. bytes];
    }
}
