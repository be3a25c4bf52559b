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
    public void IdTable_ManyRemoved_AllocatesNothingAndUsesTheirNumbersAgain()
    {
        const int Items = 100_000;
        var table = new IdTable<int>();
        for (int i = 0; i < Items; i++) Assert.AreEqual(i, table.Add(i));
        table.Remove(Items - 1);   // compiles
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Items - 1; i++) table.Remove(i);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(0, table.Count);
        Assert.HasCount(Items, Enumerable.Range(0, Items).Select(table.Add).Where(id => id < Items).ToHashSet());
        Assert.AreEqual(Items, table.Add(0));
    }

    [TestMethod]
    [DataRow(0, 1_000, false)]
    [DataRow(long.MaxValue, 1_000, true)]
    public void EntrySlots_MostEntriesGo_GiveMemoryBackWhenMuchIsSpare(long maxSpare, int entries, bool keeps)
    {
        var store = new EntryStore(default) { MaxSpareSlots = maxSpare };
        var slots = new EntrySlots(store);
        for (int i = 0; i < entries; i++) Assert.AreEqual((uint)i, slots.Add(i));
        for (uint number = 0; number < entries - 1; number++) slots.Remove(number);
        Assert.AreEqual(1, slots.Count);
        Assert.AreEqual(keeps, store.SpareSlots >= entries - 1, $"{store.SpareSlots}");
        if (!keeps) Assert.IsLessThan(64, store.SpareSlots);
        Assert.AreEqual(entries - 1, slots.At(slots.IndexOf(entries - 1))!.Value.Id);
        Assert.AreEqual((uint)entries, slots.Add(entries));
        Assert.ThrowsExactly<InvalidOperationException>(slots.Free);
        slots.Remove((uint)entries - 1);
        slots.Remove((uint)entries);
        slots.Free();
        Assert.AreEqual(0, store.SpareSlots);
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
