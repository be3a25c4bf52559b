using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Tests.Registry;

[TestClass]
public sealed class TablesTests
{
    [TestMethod]
    public void HashIndex_RandomChanges_FindsWhatIsInIt()
    {
        const int Seed = 20_261_121, Steps = 50_000, Hashes = 40;
        var random = new Random(Seed);
        var index = new HashIndex();
        var model = new HashSet<(ulong Hash, int Id)>();

        // Few hashes with few different low halves: so there are many collisions, and long chains that wrap around.
        ulong[] hashes = [.. Enumerable.Range(0, Hashes).Select(i => ((ulong)(i % 3) << 52) | (uint)(i % 2 == 0 ? -1 - (i / 8) : i / 8))];
        for (int step = 0; step < Steps; step++)
        {
            (ulong Hash, int Id) item = (hashes[random.Next(Hashes)], random.Next(40));
            if (model.Add(item)) index.Add(item.Hash, item.Id);
            else if (model.Remove(item)) index.Remove(item.Hash, item.Id);
            ulong asked = hashes[random.Next(Hashes)];
            var found = new HashSet<int>();
            for (HashIndex.Candidates candidates = index.Find(asked); candidates.MoveNext();) found.Add(candidates.Current);
            bool isRight = model.Where(one => one.Hash == asked).All(one => found.Contains(one.Id)) && index.Count == model.Count;
            Assert.IsTrue(isRight, $"seed {Seed}, step {step}");
            if (step > 1_000) step += 50;
        }
    }

    [TestMethod]
    public void HashIndex_RemoveWhatIsMissing_Throws()
    {
        var index = new HashIndex();
        index.Add(5, 1);
        Assert.ThrowsExactly<InvalidOperationException>(() => index.Remove(5, 2));
    }

    [TestMethod]
    public void IdTable_RandomChanges_KeepsItems()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        var table = new IdTable<string?>();
        var model = new Dictionary<int, string>();
        for (int step = 0; step < 50_000; step++)
        {
            if (random.Next(5) < 3 || model.Count == 0)
            {
                string item = $"{step}";
                Assert.IsTrue(model.TryAdd(table.Add(item), item), $"seed {Seed}, step {step}: a number twice");
            }
            else
            {
                int id = model.Keys.First();
                Assert.AreEqual(model[id], table[id], $"seed {Seed}, step {step}");
                table.Remove(id);
                model.Remove(id);
            }

            Assert.AreEqual(model.Count, table.Count);
        }
    }

    [TestMethod]
    public void PagedList_GrowsAndShrinks_KeepsItems()
    {
        var list = new PagedList<int>();
        for (int i = 0; i < 10_000; i++) Assert.AreEqual(i, list.Add(i * 3));
        for (int i = 9_999; i >= 100; i--) Assert.AreEqual(i * 3, list.RemoveLast());
        for (int i = 100; i < 9_000; i++) list.Add(i);
        Assert.AreEqual(8_999, list[8_999]);
        Assert.AreEqual(99 * 3, list[99]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => list[9_000]);
    }
}
