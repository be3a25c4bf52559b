using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Tests.Registry;

[TestClass]
public sealed class OrderedSlotsTests
{
    [TestMethod]
    public void AddAndRemove_Randomly_KeepOrderAndNumbers()
    {
        const int Seed = 5;
        var random = new Random(Seed);
        var slots = new OrderedSlots<string>();
        var model = new SortedDictionary<long, string>();
        for (int step = 0; step < 5_000; step++)
        {
            if (model.Count == 0 || random.Next(100) < 52)
            {
                string item = $"item {step}";
                model.Add(slots.Add(item), item);
            }
            else
            {
                long number = model.Keys.ElementAt(random.Next(model.Count));
                slots.Remove(number);
                model.Remove(number);
            }

            Assert.AreEqual(model.Count, slots.Count, $"step {step}");
            Assert.IsLessThanOrEqualTo((slots.Count * 2) + 16, slots.SlotCount);
        }

        string[] items = [.. Enumerable.Range(0, slots.SlotCount).Select(slots.At).OfType<string>()];
        CollectionAssert.AreEqual(model.Values, items);
        foreach ((long number, string item) in model) Assert.AreEqual(item, slots.At(slots.IndexOf(number)));
    }

    [TestMethod]
    public void Remove_UnknownNumber_Throws() => Assert.ThrowsExactly<InvalidOperationException>(() => new OrderedSlots<string>().Remove(3));
}
