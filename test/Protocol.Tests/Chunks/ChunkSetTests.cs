using System.Text;

namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class ChunkSetTests
{
    [TestMethod]
    [DataRow("1", "1")]
    [DataRow("1-512,600", "1-512,600")]
    [DataRow("600,1-512", "1-512,600")]
    [DataRow("1-3,2-5,6", "1-6")]
    [DataRow("5,1,3,2,4", "1-5")]
    [DataRow("7-7", "7")]
    [DataRow("2147483647", "2147483647")]
    [DataRow("1-2147483647", "1-2147483647")]
    public void TryParse_WellFormed_MergesAndFormats(string text, string expected)
    {
        Assert.IsTrue(ChunkSet.TryParse(Encoding.ASCII.GetBytes(text), ChunkSet.DefaultMaxRuns, out ChunkSet set));
        Assert.AreEqual(expected, set.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("0")]
    [DataRow("-1")]
    [DataRow("1-")]
    [DataRow("3-2")]
    [DataRow("1,")]
    [DataRow(",1")]
    [DataRow("1,,2")]
    [DataRow("1 2")]
    [DataRow("a")]
    [DataRow("1-2-3")]
    [DataRow("2147483648")]
    [DataRow("99999999999")]
    [DataRow("+1")]
    public void TryParse_Malformed_ReturnsFalseAndEmptySet(string text)
    {
        Assert.IsFalse(ChunkSet.TryParse(Encoding.ASCII.GetBytes(text), ChunkSet.DefaultMaxRuns, out ChunkSet set));
        Assert.IsTrue(set.IsEmpty);
    }

    [TestMethod]
    public void TryParse_TooManyRuns_ReturnsFalse()
    {
        Assert.IsTrue(ChunkSet.TryParse("1,3,5"u8, 3, out _));
        Assert.IsFalse(ChunkSet.TryParse("1,3,5,7"u8, 3, out _));
    }

    [TestMethod]
    public void TryFormat_SmallSpan_PagesThroughAllRuns()
    {
        Assert.IsTrue(ChunkSet.TryParse("1-5,7,9-100,200,400-401"u8, 100, out ChunkSet set));
        for (int size = 7; size < 30; size++)
        {
            byte[] page = new byte[size];
            var read = new ChunkSet();
            int next = 0;
            bool done = false;
            for (int pages = 0; !done && pages < 10; pages++)
            {
                done = set.TryFormat(page, next, out int written, out next);
                Assert.IsTrue(read.TryAddText(page.AsSpan(0, written), 100), $"page size {size}");
            }

            Assert.IsTrue(done && read.SetEquals(set), $"page size {size}: {read}");
        }
    }

    [TestMethod]
    public void TryFormat_SpanTooSmallForOneRun_WritesNothing()
    {
        var set = new ChunkSet(new ChunkRange(99, 1000));
        Assert.IsFalse(set.TryFormat(new byte[3], 0, out int written, out int next));
        Assert.AreEqual(0, written);
        Assert.AreEqual(99, next);
    }

    [TestMethod]
    public void AddAndRemove_RandomRanges_AgreeWithBitmap()
    {
        const int length = 300;
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var set = new ChunkSet();
            bool[] model = new bool[length];
            for (int step = 0; step < 60; step++)
            {
                int first = random.Next(length);
                var range = new ChunkRange(first, random.Next(Math.Min(40, length - first) + 1));
                bool add = random.Next(3) > 0;
                bool expected = model.AsSpan(range.First, range.Count).Contains(!add);
                bool changed = add ? set.Add(range) : set.Remove(range);
                model.AsSpan(range.First, range.Count).Fill(add);
                Assert.AreEqual(expected, changed, $"seed {seed} step {step}");
                AssertMatches(set, model, $"seed {seed} step {step}");
            }
        }
    }

    [TestMethod]
    public void Add_SequentialChunks_KeepsOneRun()
    {
        var set = new ChunkSet();
        for (int i = 0; i < 10_000; i++) Assert.IsTrue(set.Add(i));
        Assert.AreEqual(1, set.RunCount);
        Assert.AreEqual(10_000, set.Count);
    }

    [TestMethod]
    public void UnionAndExcept_OfItself_AreSafe()
    {
        Assert.IsTrue(ChunkSet.TryParse("1-3,7"u8, 9, out ChunkSet set));
        set.UnionWith(set);
        Assert.AreEqual("1-3,7", set.ToString());
        set.ExceptWith(set);
        Assert.IsTrue(set.IsEmpty);
        Assert.AreEqual(0, set.Count);
    }

    [TestMethod]
    public void TryParse_MutatedText_NeverThrowsAndRoundTrips()
    {
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            byte[] text = "1-512,600,700-800,2147483647"u8.ToArray();
            for (int i = random.Next(4); i >= 0; i--) text[random.Next(text.Length)] = (byte)random.Next(256);
            ReadOnlySpan<byte> cut = text.AsSpan(0, random.Next(text.Length + 1));
            if (!ChunkSet.TryParse(cut, 10, out ChunkSet set)) continue;
            Assert.IsTrue(ChunkSet.TryParse(Encoding.ASCII.GetBytes(set.ToString()), 10, out ChunkSet again), $"seed {seed}");
            Assert.IsTrue(set.SetEquals(again), $"seed {seed}");
        }
    }

    private static void AssertMatches(ChunkSet set, bool[] model, string where)
    {
        Assert.AreEqual(model.Count(bit => bit), set.Count, where);
        for (int i = 0; i < model.Length; i++) Assert.AreEqual(model[i], set.Contains(i), where);
        int end = -1;
        foreach (ChunkRange run in set.Runs)
        {
            Assert.IsTrue(run.First > end && run.Count > 0, where);
            Assert.IsTrue(set.Contains(run), where);
            end = run.End;
        }
    }
}
