namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class ChunkBitmapTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(63)]
    [DataRow(64)]
    [DataRow(65)]
    [DataRow(1000)]
    public void SetAndClear_RandomSteps_AgreeWithModel(int length)
    {
        var random = new Random(length);
        var bitmap = new ChunkBitmap(length);
        bool[] model = new bool[length];
        for (int step = 0; step < 300 && length > 0; step++)
        {
            int at = random.Next(length);
            bool set = random.Next(2) == 0;
            if (random.Next(4) == 0)
            {
                var range = new ChunkRange(at, random.Next(200));
                if (set) bitmap.Set(range);
                else bitmap.Clear(range);
                model.AsSpan(at, Math.Min(range.Count, length - at)).Fill(set);
            }
            else
            {
                Assert.AreEqual(model[at] != set, set ? bitmap.Set(at) : bitmap.Clear(at), $"length {length} step {step}");
                model[at] = set;
            }
        }

        AssertMatches(bitmap, model);
        byte[] bytes = new byte[bitmap.SizeInBytes];
        Assert.AreEqual(bytes.Length, bitmap.CopyTo(bytes));
        Assert.IsTrue(ChunkBitmap.TryRead(bytes, length, out ChunkBitmap read));
        AssertMatches(read, model);
        var fromRuns = new ChunkBitmap(length);
        fromRuns.UnionWith(bitmap.ToChunkSet());
        AssertMatches(fromRuns, model);
    }

    [TestMethod]
    public void CopyTo_FirstChunk_IsLeastSignificantBitOfFirstByte()
    {
        var bitmap = new ChunkBitmap(10);
        bitmap.Set(0);
        bitmap.Set(9);
        byte[] bytes = new byte[2];
        bitmap.CopyTo(bytes);
        CollectionAssert.AreEqual(new byte[] { 0x01, 0x02 }, bytes);
    }

    [TestMethod]
    public void TryRead_WrongLengthOrSpareBits_ReturnsFalse()
    {
        Assert.IsFalse(ChunkBitmap.TryRead([0xFF], 9, out _));
        Assert.IsFalse(ChunkBitmap.TryRead([0xFF, 0x00, 0x00], 9, out _));
        Assert.IsFalse(ChunkBitmap.TryRead([0xFF, 0x02], 9, out _));
        Assert.IsTrue(ChunkBitmap.TryRead([0xFF, 0x01], 9, out ChunkBitmap full));
        Assert.IsTrue(full.IsFull);
        Assert.IsFalse(ChunkBitmap.TryRead([], -1, out _));
    }

    [TestMethod]
    public void NextSetInBoth_RandomBitmaps_AgreesWithAModel()
    {
        var random = new Random(11);
        for (int length = 1; length < 300; length += 13)
        {
            var left = new ChunkBitmap(length);
            var right = new ChunkBitmap(length);
            for (int i = 0; i < length / 3; i++)
            {
                left.Set(random.Next(length));
                right.Set(random.Next(length));
            }

            for (int from = 0; from <= length; from++)
            {
                int expected = Enumerable.Range(from, length - from).Where(i => left.IsSet(i) && right.IsSet(i)).DefaultIfEmpty(-1).First();
                Assert.AreEqual(expected, left.NextSetInBoth(right, from), $"length {length}, from {from}");
            }
        }

        Assert.ThrowsExactly<ArgumentException>(() => new ChunkBitmap(3).NextSetInBoth(new ChunkBitmap(4), 0));
    }

    [TestMethod]
    public void IsSet_OutsideTheBitmap_Throws()
    {
        var bitmap = new ChunkBitmap(3);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => bitmap.IsSet(3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => bitmap.IsSet(-1));
    }

    private static void AssertMatches(ChunkBitmap bitmap, bool[] model)
    {
        Assert.AreEqual(model.Count(bit => bit), bitmap.Count);
        Assert.AreEqual(model.All(bit => bit), bitmap.IsFull);
        for (int i = 0; i < model.Length; i++)
        {
            Assert.AreEqual(model[i], bitmap.IsSet(i), $"chunk {i}");
            Assert.AreEqual(Array.IndexOf(model, true, i), bitmap.NextSet(i), $"next set from {i}");
            Assert.AreEqual(Array.IndexOf(model, false, i), bitmap.NextClear(i), $"next clear from {i}");
        }
    }
}
