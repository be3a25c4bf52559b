using System.IO.Pipelines;

namespace CS3103P2P.Transport.Tests.Tls;

[TestClass]
public sealed class CoalescingStreamTests
{
    private const int Record = 16 * 1024 + 22;

    [TestMethod]
    public async Task WriteAsync_FullRecords_GoOutTogetherAtAShorterOneOrAFlush()
    {
        var inner = new CountingStream();
        await using var stream = new CoalescingStream(inner);
        for (int i = 0; i < 5; i++) await stream.WriteAsync(new byte[Record]);
        Assert.AreEqual(0, inner.Writes);
        await stream.WriteAsync(new byte[100]);
        Assert.AreEqual(1, inner.Writes);
        await stream.WriteAsync(new byte[Record]);
        await stream.FlushAsync();
        Assert.AreEqual(2, inner.Writes);
        Assert.AreEqual((6 * Record) + 100, inner.Length);
    }

    [TestMethod]
    public async Task WriteAsync_Anything_ComesOutInOrder()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var inner = new CountingStream();
        await using var stream = new CoalescingStream(inner);
        var expected = new List<byte>();
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = new byte[random.Next(3) == 0 ? random.Next(400_000) / 100 : Record];
            random.NextBytes(bytes);
            expected.AddRange(bytes);
            await stream.WriteAsync(bytes);
            if (random.Next(20) == 0) await stream.FlushAsync();
        }

        await stream.FlushAsync();
        Assert.IsTrue(expected.ToArray().AsSpan().SequenceEqual(inner.ToArray()), $"seed {seed}");
    }

    [TestMethod]
    public async Task ReadAsync_Anything_ComesOutInOrder()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var pipe = new Pipe();
        byte[] sent = new byte[2_000_000];
        random.NextBytes(sent);
        Task writing = Task.Run(async () =>
        {
            for (int at = 0; at < sent.Length; at += 50_000) await pipe.Writer.WriteAsync(sent.AsMemory(at, 50_000));
            await pipe.Writer.CompleteAsync();
        });
        await using var stream = new CoalescingStream(pipe.Reader.AsStream());
        var got = new MemoryStream();
        byte[] buffer = new byte[40_000];
        for (int read; (read = await stream.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)))) > 0;) got.Write(buffer, 0, read);
        await writing;
        Assert.IsTrue(got.ToArray().AsSpan().SequenceEqual(sent), $"seed {seed}");
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Writes { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
