using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class DatagramQueueTests
{
    [TestMethod]
    public void EnqueueAndDequeue_AtRandom_BehavesLikeAQueue()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var queue = new DatagramQueue(4096, 32);
        var model = new Queue<(TransportAddress Destination, byte[] Bytes)>();
        var buffer = new byte[4096];
        int refused = 0;
        for (int round = 0; round < 100_000; round++)
        {
            if (random.Next(2) == 0)
            {
                var bytes = new byte[random.Next(1, 700)];
                random.NextBytes(bytes);
                TransportAddress destination = TransportAddress.FromIPv4((uint)round, 9);
                if (queue.TryEnqueue(destination, bytes)) model.Enqueue((destination, bytes));
                else refused++;
            }
            else if (queue.TryDequeue(buffer, out Transmit transmit))
            {
                (TransportAddress destination, byte[] bytes) = model.Dequeue();
                Assert.AreEqual(new Transmit(destination, bytes.Length), transmit, $"seed {seed}, round {round}");
                Assert.IsTrue(buffer.AsSpan(0, bytes.Length).SequenceEqual(bytes), $"seed {seed}, round {round}");
            }

            Assert.AreEqual(model.Count, queue.Count, $"seed {seed}, round {round}");
        }

        Assert.IsGreaterThan(0, refused);
    }

    [TestMethod]
    public void TryEnqueue_MoreThanTheCapacity_IsRefused()
    {
        var queue = new DatagramQueue(10, 2);
        Assert.IsFalse(queue.TryEnqueue(default, new byte[11]));
        Assert.IsTrue(queue.TryEnqueue(default, new byte[10]));
        Assert.IsFalse(queue.TryEnqueue(default, new byte[1]));
    }
}
